#pragma once

#include "convscope/report/draw/figure.h"
#include "convscope/results/neurons_record.h"

namespace convscope {

/**
 * The images that drive a neuron most, with its answers to three decimals; what the place sees that answered is outlined. `pictures` are
 * those of its `top`, one size.
 */
Figure neuron_sheet(const NeuronsRecord& record, const NeuronRecord& neuron, std::span<const Image> pictures);

/** "channel 17", "channel 17 at row 3, column 4". */
std::string neuron_name(const NeuronRecord& neuron);
/** "selectivity 5.21; …". */
std::string neuron_text(const NeuronRecord& neuron, int64_t images);

/** The part of the image that `field` names, in shares of its sides; all of them 0 where it is the whole image or not known. */
Box field_of(const NeuronImage& image, int64_t rows, int64_t columns);

}  // namespace convscope
