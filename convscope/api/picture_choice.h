#pragma once

#include "convscope/api/network.h"
#include "convscope/data/dataset.h"

namespace convscope {

/** Which samples of a data set a text means, of which network and data are known. */
struct PictureChoice {
  std::vector<int64_t> numbers;
  bool all_that_suit = false;  // said by what they are like, with no count: they may be very many
};

/**
 * Numbers, "0,1,7" or "0-15", in that order; or what the pictures are like, with + between, each among those that the one before left:
 *
 *   mistakes, right        what the network takes for another class, for its own
 *   class=cat/dog          what they are
 *   predicted=cat          what the network takes them for
 *   confidence=0-0.6       the softmax of what it takes them for, both ends included; one number is the least
 *   random:20              so many, drawn by the setting's seed
 *   FILE                   numbers in a text file, between commas, blanks or lines
 *
 * Those of a likeness come in the data set's usual order. An error where none is left, or a word is unknown.
 */
PictureChoice choose_numbers(std::string_view text, const std::shared_ptr<const Dataset>& data, const Network& network,
                             const Setting& setting);

}  // namespace convscope
