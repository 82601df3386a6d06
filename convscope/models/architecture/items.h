#pragma once

#include <string>
#include <vector>

#include "convscope/nn/normalize.h"

namespace convscope {

/** A node of a network as the layer that makes it. */
struct NamedItem {
  std::string name;           // with all scopes
  Json fields;                // "layer" and its options, or "again" and a full name
  std::vector<Value> inputs;  // of other items, or the pictures
  Value result;
};

struct Items {
  std::vector<NamedItem> items;
  Value input;              // the pictures as they come to the first layer
  Normalization preparing;  // what stands before them
};

/** All of a network, in its order; an error where a node is of no layer. What it says need not be all: who reads it builds and compares. */
Items items_of(const Graph& network);

}  // namespace convscope
