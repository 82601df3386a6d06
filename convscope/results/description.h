#pragma once

#include <string>
#include <vector>

#include "convscope/results/provenance.h"
#include "convscope/results/result.h"

namespace convscope {

/** One layer of a network, for one image. */
struct LayerFacts {
  std::string name;
  std::string kind;
  std::vector<int64_t> shape;
  int64_t parameters = 0;
  int64_t macs = 0;

  void fields(auto&& field) {
    field("name", name, "its path in the network");
    field("kind", kind, "what it does");
    field("shape", shape, "of its output for one image");
    field("parameters", parameters, "trained numbers that it is the first to use");
    field("macs", macs, "multiply-adds for one image");
  }
};

/** Memory of a network compiled for one purpose, in bytes. */
struct ProgramMemory {
  int64_t weights = 0;
  int64_t arena = 0;
  int64_t prepared = 0;
  int64_t gradients = 0;
  int64_t total = 0;

  void fields(auto&& field) {
    field("weights", weights, "parameters, statistics and masks, which all programs of a network share");
    field("arena", arena, "activations, their gradients, work space");
    field("prepared", prepared, "folded, reordered or bf16 copies of weights");
    field("gradients", gradients, "gradients of the trained parameters");
    field("total", total, "their sum");
  }
};

/** Of the network compiled for each purpose. */
struct PurposeMemory {
  ProgramMemory predict, explain, train;

  void fields(auto&& field) {
    field("predict", predict, "logits alone");
    field("explain", explain, "logits and gradients for the pixels");
    field("train", train, "an update of the parameters");
  }
};

/** What does the steps of a program. */
struct KernelUse {
  std::string kernel;
  int64_t steps = 0;

  void fields(auto&& field) {
    field("kernel", kernel, "an algorithm of the engine: winograd, a convolution of ours; names with jit or brg are oneDNN's");
    field("steps", steps, "how many steps it does");
  }
};

/** Of the network compiled for each purpose, the most used first. */
struct PurposeKernels {
  std::vector<KernelUse> predict, explain, train;

  void fields(auto&& field) {
    field("predict", predict, "logits alone");
    field("explain", explain, "logits and gradients for the pixels");
    field("train", train, "an update of the parameters");
  }
};

/** What a network is made of. */
struct Description : Provenance {
  std::vector<int64_t> image;
  int64_t classes = 0;
  int64_t parameters = 0;
  int64_t masks = 0;
  int64_t macs = 0;
  int64_t training_macs = 0;
  int64_t batch = 1;
  PurposeMemory memory;
  PurposeKernels kernels;
  std::vector<LayerFacts> layers;

  void fields(auto&& field) {
    Provenance::fields(field);
    field("image", image, "[channels, rows, columns] of its pictures");
    field("classes", classes, "how many it tells apart");
    field("parameters", parameters, "trained numbers");
    field("masks", masks, "numbers in masks of perturbation layers that are not trained");
    field("macs", macs, "multiply-adds for one image");
    field("training_macs", training_macs, "multiply-adds for one image of an update of all trained parameters");
    field("batch", batch, "images at once, for the memory");
    field("memory", memory, "bytes of each program");
    field("kernels", kernels, "what computes each program on this processor");
    field("layers", layers, "in the order of computing");
  }
};

}  // namespace convscope
