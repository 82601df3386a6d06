#pragma once

#include "convscope/base/table.h"
#include "convscope/results/attribution_record.h"
#include "convscope/study/pictures.h"
#include "convscope/subject/subject.h"

namespace convscope {

/** What is asked, in the words of people. */
struct ExplainOptions {
  Choice method;
  std::string network = {};  // what people call it
  std::string run = {};      // folder of its training, for a method that reads what was recorded there
  std::string target = "predicted";
  std::string of = "logits";
  std::string colour_scale = "own";
  uint64_t seed = 1;
};

/**
 * Explains the pictures and leaves in `folder`/attributions/METHOD/ a record, each map as .npy and as PNG, each picture, and a sheet.
 * The target is predicted, true, a class by name or number, NODE:CHANNEL or NODE:CHANNEL:ROW:COLUMN.
 */
AttributionRecord explain_into(const Path& folder, Subject& subject, const Pictures& pictures, const ExplainOptions& options);

/** The folder of a method's results. */
Path attribution_folder(const Path& folder, const AttributionRecord& record);

}  // namespace convscope
