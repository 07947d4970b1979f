// The kernels of package symbol.
#include "vectors.h"

#include "logistic.h"
#include "tree.h"
#include "symbols.h"
#include "sse.h"
