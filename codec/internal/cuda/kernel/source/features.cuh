// The features of a sample (codec/internal/feature).
#pragma once
#include "arithmetic.cuh"

// own_features writes what is known of a channel before its sample but for its predictions.
RARE void own_features(int c, int t, int lane) {
	Shared &s = *(Shared *)shared_memory();
	uint8_t *f = s.features;
	const uint8_t *logs_of = s.log_table;
	const double *h = s.history[c] + slot(t - 1), *e = s.errors[c] + (31 - ((t - 1) & 31));
	double x = 0;
	if (lane < 20) x = e[lane];
	else if (lane < 23) x = h[lane - 20] - h[lane - 19];
	else if (lane == 23) x = s.signed_mean[c];
	else if (lane == 24) x = s.newest_error[c];
	int y = signed_log(logs_of, x * s.inverse[c]);
	if (lane == 25) y = level(log32(logs_of, double(t + 1)) / 5 - 64);
	if (lane == 26) y = level(4 * (s.repeats[c] > 31 ? 31 : s.repeats[c]) - 64);
	if (lane < 27) f[lane < 20 ? 41 + lane : lane < 23 ? 50 + lane : lane < 25 ? 51 + lane : 53 + lane] = y;
	const int *logs = s.logs[c], scale = s.log_scale[c];
	if (lane < 16) f[10 + 2 * lane] = lane < NSHOWN ? level((logs[lane] - logs[16]) * 2) : 128;
	else if (lane < 20) f[lane - 16] = level((logs[17 + lane - 16] - scale) / 2);
	else if (lane < 23) f[lane - 16] = level((logs[17 + lane - 15] - scale) / 2);
	else if (lane == 23) f[7] = level(scale / 6 - 32);
	else if (lane == 24) f[8] = level(scale);
}

// scales finds what follows from a channel's means, of which each lane has one.
DEVICE void scales(Shared &s, int c, double mean, int lane) {
	s.logs[c][lane] = log32(s.log_table, mean < 1. / 4096 ? 1. / 4096 : mean);
	const double scale = mean < 1. / 64 ? 1. / 64 : mean;
	const double inverse = 1 / scale;
	if (lane == 21) s.scale[c] = scale, s.inverse[c] = inverse, s.log_scale[c] = log32(s.log_table, scale);
	sync_warp();
}

// learn_features takes in the sample that was coded last. mean is the lane's.
DEVICE void learn_features(const Context &at, int c, int t, double &mean, int lane) {
	Shared &s = at.s;
	const Track &track = at.job.group->track[c];
	const bool warming = t < track.order;
	const double v = s.value[c];
	const int prediction = lane < NSHOWN ? s.shown[lane] : lane == 26 ? NEWEST : REFERENCE;
	double difference = v - clamp(s.predictions[c][prediction], s.lowest[c], s.highest[c]);
	const int place = 31 - (t & 31);
	if (warming) {
		if (lane < 25) mean = track.expected[t + 1];
		difference = 0;
	} else {
		const double z = lane == 25 ? difference : absolute(difference);
		const double share = lane < 17 || lane == 25 ? 1. / 32 : lane < 23 ? 1 / double(2 << (lane - 17)) : lane == 23 ? 1. / 256 : 1. / 2048;
		mean = mean + (z - mean) * share;
		if (lane == 25) s.signed_mean[c] = mean;
		if (lane == 26) s.newest_error[c] = difference;
	}
	if (lane == 20) s.errors[c][place] = difference, s.errors[c][place + 32] = difference;
	if (lane == 27) s.repeats[c] = v == s.history[c][slot(t - 1)] ? s.repeats[c] + 1 : 0;
	scales(s, c, mean, lane);
}

// other_features writes what the other channel tells: before is its newest frame.
DEVICE void other_features(Shared &s, int c, int frame, bool alone, int lane) {
	uint8_t *f = s.features;
	const int other = 1 - c, scale = s.log_scale[other];
	const double *e = s.errors[other] + (31 - (frame & 31));
	int y = signed_log(s.log_table, e[lane < 6 ? lane : 0] * s.inverse[other]);
	if (lane == 6) y = level((s.logs[other][18] - scale) / 2);
	if (lane == 7) y = level((scale - s.log_scale[c]) / 4);
	if (lane == 8) y = c ? 192 : 128;
	if (alone) y = lane == 8 ? 64 : 128;
	if (lane < 8) f[62 + lane] = y;
	if (lane == 8) f[61] = y;
}
