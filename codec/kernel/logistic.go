package kernel

// Components is the number of logistic distributions in a mixture.
const Components = 8

// The distribution function's table: logisticSpan units of scale on each side of the centre, logisticResolution points
// a unit.
const (
	logisticSpan       = 24
	logisticResolution = 16
	logisticPoints     = 2 * logisticSpan * logisticResolution
)

// logistic is the logistic distribution function at the points.
var logistic = func() (table [logisticPoints + 1]float64) {
	const one = 1 << 52
	for i := range table {
		if i <= logisticPoints/2 {
			table[i] = float64(lowerHalf[i]) / one
		} else {
			table[i] = 1 - float64(float64(lowerHalf[logisticPoints-i])/one)
		}
	}
	return table
}()

// LogisticTable is the table, for vector kernels of other packages.
func LogisticTable() *float64 { return &logistic[0] }

// Logistics is a weighted sum of logistic distributions, evaluated by linear interpolation of a table. Vector kernels
// know its layout.
type Logistics struct {
	Weight, Centre, InverseScale [Components]float64
}

// Total returns the mass of the whole mixture.
func (l *Logistics) Total() float64 { return fold8(&l.Weight) }

// Moment returns the first moment, the sum of the centres times their weights.
func (l *Logistics) Moment() float64 {
	moments := l.Weight
	for k, centre := range l.Centre {
		moments[k] *= centre
	}
	return fold8(&moments)
}

// Below sets mass[i] to the mass of the mixture below x[i], from 0 to Total. The slices are equally long.
func (l *Logistics) Below(x, mass []float64) {
	mass = mass[:len(x)]
	if active.below != nil && len(x) > 0 {
		active.below(&l.Weight[0], &logistic[0], &x[0], &mass[0], len(x))
		return
	}
	for i, v := range x {
		mass[i] = l.below(v)
	}
}

func (l *Logistics) below(x float64) float64 {
	var mass [Components]float64
	for k := range mass {
		// The resolution is a power of two: when it enters makes no difference, but for numbers that no mixture has.
		t := float64((x-l.Centre[k])*float64(l.InverseScale[k]*logisticResolution)) + logisticPoints/2
		if !(t > 0) {
			continue
		}
		if t >= logisticPoints {
			mass[k] = l.Weight[k]
			continue
		}
		i := int(t)
		value := logistic[i]
		slope := logistic[i+1] - value
		mass[k] = float64(l.Weight[k] * (value + float64(slope*(t-float64(i)))))
	}
	return fold8(&mass)
}

// fold8 adds 8 lanes up in a fixed order.
func fold8(s *[8]float64) float64 {
	return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]))
}
