// The distribution function of a mixture (mixture/distribution.go).

enum { COMPONENTS = 8, TABLE_RESOLUTION = 16, TABLE_POINTS = 768 };

struct mixture {
	double weight[COMPONENTS], centre[COMPONENTS], inverse_scale[COMPONENTS];
};

// masses_at returns the masses of two components below a point. Lanes beyond the table read one of its ends, and are replaced.
INLINE f64x2 masses_at(const struct mixture *m, int k, const double *table, f64x2 x) {
	f64x2 weight = load2d(&m->weight[k]), scale = load2d(&m->inverse_scale[k]) * (double)TABLE_RESOLUTION;
	float64x2_t t = (x - load2d(&m->centre[k])) * scale + (double)(TABLE_POINTS / 2);
	int64x2_t whole = vcvtq_s64_f64(t); // 0 of what is not a number
	uint32x2_t index = vmin_u32(vqmovun_s64(whole), vdup_n_u32(TABLE_POINTS - 1));
	float64x2_t first = vld1q_f64(table + vget_lane_u32(index, 0)), second = vld1q_f64(table + vget_lane_u32(index, 1));
	f64x2 value = vzip1q_f64(first, second), next = vzip2q_f64(first, second);
	f64x2 fraction = t - (f64x2)vcvtq_f64_s64(whole);
	f64x2 mass = weight * (value + (next - value) * fraction);
	float64x2_t limited = vbslq_f64(vcgeq_f64(t, vdupq_n_f64(TABLE_POINTS)), weight, mass);
	return (f64x2)vandq_u64((u64x2)limited, vcgtq_f64(t, vdupq_n_f64(0)));
}

// mass_below returns the mass of the mixture below a point.
INLINE double mass_below(const struct mixture *m, const double *table, double point) {
	f64x2 x = {point, point};
	f64x2 even = masses_at(m, 0, table, x) + masses_at(m, 4, table, x);
	anew();
	f64x2 two = even + (masses_at(m, 2, table, x) + masses_at(m, 6, table, x));
	return two[0] + two[1];
}
