#pragma once

#include "convscope/graph/graph.h"

namespace convscope {

/**
 * Products as networks mean them. In y = a · b one factor may be the gate of the other: x · sigmoid(x) (SiLU), x · clip(x / 6 + ½)
 * (hard swish), ½ x · (1 + erf(x / √2)) (GELU by hand), map · sigmoid(dense(mean of the map)) (squeeze and excitation).
 */
struct Gate {
  size_t signal = 0, gate = 1;  // which inputs of the product they are
  bool own = false;             // y is a function of one number: the gate is made of the signal's alone, number by number
  std::vector<int> parts;       // nodes that do nothing but shape the gate, number by number, the last ones before it
};

/**
 * The gate of the `multiply` at that node: the factor that is made from the other; else the one that is a number for each channel; else
 * the one that ends in a sigmoid or a clamp. None where all this says nothing: a product of equals.
 */
std::optional<Gate> gate_of(const Graph& graph, int multiply);

/** Whether a node does nothing but shape a gate. */
bool shapes_a_gate(const Graph& graph, int node);

}  // namespace convscope
