#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/results/result.h"
#include "convscope/results/run_folder.h"

namespace convscope {

/** What a network says about one sample of a data set: a line of `predictions.csv`. */
struct Answer {
  int64_t index = 0;
  int64_t label = 0;
  int64_t predicted = 0;
  double confidence = 0;

  bool right() const { return label == predicted; }

  void fields(auto&& field) {
    field("index", index, "its place in the data set, from 0");
    field("label", label, "its class, an index into the classes");
    field("predicted", predicted, "the class of the highest logit, likewise");
    field("confidence", confidence, "softmax of that logit, 0 … 1");
  }
};

/** `logits` [Y]. */
Answer answer_of(int64_t index, int64_t label, std::span<const float> logits);

/** A heading of the keys, then a line an image. */
std::string answers_csv(std::span<const Answer> answers);
/** The answers of such a file; columns that are not ours are passed over. An error names the line. */
std::vector<Answer> parse_answers(std::string_view csv, std::string_view whose);

}  // namespace convscope
