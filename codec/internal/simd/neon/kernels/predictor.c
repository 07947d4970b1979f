// The kernels of package predictor. Each is defined by the plain Go code that it stands for.
#include "vectors.h"

#include "block.h"
#include "normalise.h"
#include "regress.h"
#include "statistics.h"
#include "solver.h"
#include "tone.h"
#include "weigh.h"
