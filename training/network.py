"""The network as it is trained: one whose weights and activations are rounded in the forward pass just
as the integer network that is exported computes them, with gradients passed straight through the rounding.

Every layer is  out = clip(floor((bias + sum w*x) / 2^shift), 0, 255)  over integers: w in -127..127, x in 0..255.
Here the same numbers appear divided by powers of two, so that training works on values of the order of one.
"""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

FEATURES = 80
FEATURE_ZERO = 128  # the feature value that stands for zero
COMPONENTS = 8
GATE_SETS = 2
DISAGREEMENTS = 16
OUTPUTS = 3 * COMPONENTS + GATE_SETS * DISAGREEMENTS

ACTIVATION_BITS = 6  # activations are in units of 2^-6
LOG_LIMIT, LOG_BITS = 127, 4  # weights and scales: 2^(output/16)
OFFSET_LIMIT, OFFSET_BITS = 2047, 6  # offsets: output/64 scales
GATE_LIMIT, GATE_BITS = 1023, 8  # gates: output/256
OUTPUT_BITS = [LOG_BITS] * COMPONENTS + [OFFSET_BITS] * COMPONENTS + [LOG_BITS] * COMPONENTS + [GATE_BITS] * (
    GATE_SETS * DISAGREEMENTS
)
OUTPUT_LIMITS = (
    [LOG_LIMIT] * COMPONENTS + [OFFSET_LIMIT] * COMPONENTS + [LOG_LIMIT] * COMPONENTS
    + [GATE_LIMIT] * (GATE_SETS * DISAGREEMENTS)
)
ACCUMULATOR_LIMIT = 1 << 24  # below it float32 holds every integer, whatever the order of summation


def straight_through(value, rounded):
    return value + (rounded - value).detach()


class Layer(nn.Module):
    """A linear layer with 8-bit weights and one power-of-two scale a row."""

    def __init__(self, inputs, outputs, gain=1.0):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs) * (gain * (2.0 / inputs) ** 0.5))
        self.bias = nn.Parameter(torch.zeros(outputs))

    def weight_bits(self):
        """The number of fractional bits of each row's weights: as many as fit into -127..127."""
        largest = self.weight.detach().abs().amax(1).clamp(min=2.0**-6)
        return torch.floor(torch.log2(127.0 / largest)).clamp(0, 12)

    def quantised(self):
        scale = torch.exp2(self.weight_bits())[:, None]
        weight = straight_through(self.weight, torch.round(self.weight.detach() * scale).clamp(-127, 127) / scale)
        unit = scale[:, 0] * 2**ACTIVATION_BITS
        bias = straight_through(self.bias, torch.round(self.bias.detach() * unit) / unit)
        return weight, bias

    def forward(self, x):
        return F.linear(x, *self.quantised())


class Activate(torch.autograd.Function):
    """The activations of a hidden layer, rounded and limited as the codec's.

    The gradient leaks a little beyond the upper limit, lest a unit stays stuck there.
    """

    @staticmethod
    def forward(ctx, x):
        unit = 2.0**ACTIVATION_BITS
        ctx.save_for_backward(x)
        return torch.floor(x * unit + 0.5).clamp_(0, 255).div_(unit)

    @staticmethod
    def backward(ctx, gradient):
        (x,) = ctx.saved_tensors
        limit = 255 / 2.0**ACTIVATION_BITS
        return gradient * ((x > 0).to(x.dtype) - 0.99 * (x > limit).to(x.dtype))


activate = Activate.apply


def centred(features, kind):
    """Features as they come, bytes, in the units of activations."""
    return (features.to(kind) - FEATURE_ZERO) / 2.0**ACTIVATION_BITS


class Network(nn.Module):
    """A network that reads the features and, behind them, so many remembered values (see memory.py)."""

    def __init__(self, hidden=(128, 128), remembered=0):
        super().__init__()
        sizes = [FEATURES + remembered, *hidden]
        self.hidden = nn.ModuleList(Layer(a, b) for a, b in zip(sizes, sizes[1:]))
        self.last = Layer(sizes[-1], OUTPUTS, gain=0.1)
        with torch.no_grad():
            bias = self.last.bias
            bias[COMPONENTS : 2 * COMPONENTS] = torch.linspace(-0.5, 0.5, COMPONENTS)
            bias[2 * COMPONENTS : 3 * COMPONENTS] = torch.tensor([-3.0, -2.0, -1.5, -1.0, -1.0, -0.5, 0.0, 1.0])
        self.register_buffer("output_unit", torch.exp2(torch.tensor(OUTPUT_BITS, dtype=torch.float32)))
        self.register_buffer("output_limit", torch.tensor(OUTPUT_LIMITS, dtype=torch.float32))

    def outputs(self, x):
        """Outputs [..., OUTPUTS] in their units, rounded as the codec's, for inputs in the units of activations."""
        for layer in self.hidden:
            x = activate(layer(x))
        y = self.last(x)
        limit = self.output_limit / self.output_unit
        rounded = torch.floor(y.detach() * self.output_unit + 0.5) / self.output_unit
        return straight_through(y, torch.minimum(torch.maximum(rounded, -limit), limit))

    def integers(self):
        """The layers of the integer network: (weights int8 [out, in], bias int32 [out], shift [out], clipped)."""
        first, *others = self.hidden
        layers = [integers(first, features=FEATURES)] + [integers(layer) for layer in others]
        return layers + [integers(self.last, output_bits=OUTPUT_BITS)]


def integers(layer, features=0, output_bits=None):
    """A layer over integers, of whose inputs the first so many are features; activations if there are no output_bits."""
    bits = layer.weight_bits().double()
    scale = torch.exp2(bits)
    weight, bias = layer.quantised()
    w = torch.round(weight.detach().double() * scale[:, None])
    b = torch.round(bias.detach().double() * scale * 2**ACTIVATION_BITS)
    b -= FEATURE_ZERO * w[:, :features].sum(1)
    shift = bits.clone()
    if output_bits:
        shift += ACTIVATION_BITS - torch.tensor(output_bits, dtype=torch.float64)
    if (shift < 0).any():
        raise ValueError("a weight is too large: an output would need a negative shift")
    b += torch.floor(torch.exp2(shift - 1))  # rounds to nearest
    bound = b.abs() + 255 * w.abs().sum(1)
    if (bound >= ACCUMULATOR_LIMIT).any():
        raise ValueError("a neuron could reach 2^24, where float32 stops being exact")
    return w.numpy().astype(np.int8), b.numpy().astype(np.int32), shift.numpy().astype(np.int32), not output_bits


def bits(outputs, targets):
    """Code length in bits of each row under the mixture, before secondary symbol estimation."""
    value, half = targets[:, 0:1], targets[:, 1:2]
    disagreement = targets[:, 2:]
    log_weight = outputs[:, :COMPONENTS] * float(np.log(2))
    offset = outputs[:, COMPONENTS : 2 * COMPONENTS]
    log_scale = outputs[:, 2 * COMPONENTS : 3 * COMPONENTS]
    gates = outputs[:, 3 * COMPONENTS :].view(-1, GATE_SETS, DISAGREEMENTS)
    shift = (gates * disagreement[:, None, :]).sum(2)
    centre = offset + shift.repeat(1, COMPONENTS // GATE_SETS)
    inverse = torch.exp2(-log_scale)
    z = ((value - centre) * inverse).abs()
    d = half * inverse
    # logistic(z+d) - logistic(z-d) = sinh(d) / (cosh(z) + cosh(d))
    log_sinh = d + torch.log(-torch.expm1(-2 * d))
    log_cosh = torch.logaddexp(z + torch.log1p(torch.exp(-2 * z)), d + torch.log1p(torch.exp(-2 * d)))
    log_p = torch.logsumexp(log_weight + log_sinh - log_cosh, 1) - torch.logsumexp(log_weight, 1)
    floor = torch.full_like(log_p, -30 * float(np.log(2)))
    return -torch.logaddexp(log_p, floor) / float(np.log(2))
