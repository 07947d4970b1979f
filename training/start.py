"""Begins with the weights of an exported model: what was learned from the rows of one version of the features is a good
beginning for those of another one that tells of much the same."""

import torch

from network import ACTIVATION_BITS, FEATURE_ZERO, FEATURES, OUTPUT_BITS
from order import Layers


def load(network, path):
    """Gives a network (see train.Trainer.make) the weights of the model at path, which must have the same layers."""
    layers = Layers(path)
    parts = getattr(network, "network", network)
    for number, layer in enumerate([*parts.hidden, parts.last], 1):
        bits = OUTPUT_BITS if layer is parts.last else None
        adopt(layer, [layers.get(kind, number) for kind in ("weight", "bias", "scale")], FEATURES if number == 1 else 0, bits)
    if hasattr(network, "observer"):
        adopt(network.observer, [layers.get(f"observer_{kind}", "") for kind in ("weight", "bias", "scale")], FEATURES)


def adopt(layer, constants, features, output_bits=None):
    """The inverse of network.integers; constants are those of the graph: weights [inputs, outputs], biases, scales."""
    weight, bias, scale = (torch.from_numpy(c.copy()).double() for c in constants)
    if weight.T.shape != layer.weight.shape:
        raise ValueError(f"the model has a layer of {tuple(weight.shape)}, the network one of {tuple(layer.weight.T.shape)}")
    shift = -torch.log2(scale)
    bias = bias - torch.floor(torch.exp2(shift - 1)) + FEATURE_ZERO * weight[:features].sum(0)
    bits = shift - (ACTIVATION_BITS - torch.tensor(output_bits, dtype=torch.float64) if output_bits else 0)
    with torch.no_grad():
        layer.weight.copy_(weight.T * torch.exp2(-bits)[:, None])
        layer.bias.copy_(bias * torch.exp2(-bits - ACTIVATION_BITS))
