#pragma once

#include <string>

#include "convscope/api/pictures.h"
#include "convscope/base/json.h"
#include "convscope/ranks/ranks.h"

namespace convscope {

/** An error on every rank where one of them asks another question than the root: of another network or other pictures, or otherwise. */
void require_alike_question(Ranks& ranks, const Provenance& origin, const Dataset& pictures);
/** The same of pictures that are read as they are needed: their names alone are compared. */
void require_alike_question(Ranks& ranks, const Provenance& origin);

/** The root's record, on every rank. */
template <HasFields T>
T record_of_root(Ranks& ranks, const T& record) {
  if (ranks.is_alone()) return record;
  const std::string told = ranks.from_root(ranks.is_root() ? fields_to_json(record).dump() : std::string());
  return ranks.is_root() ? record : record_from_json<T>(parse_json(told, "the root's record"), "the root's record");
}

}  // namespace convscope
