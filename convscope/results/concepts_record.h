#pragma once

#include "convscope/results/inspection.h"
#include "convscope/results/provenance.h"
#include "convscope/results/result.h"

namespace convscope {

/** How often a class's logit grows along a concept's direction. */
struct ConceptScore {
  std::string name;
  int64_t images = 0;
  double score = 0, deviation = 0;
  double random_score = 0, random_deviation = 0;
  double p = kUnknown;
  bool significant = false;

  void fields(auto&& field) {
    field("class", name, "the class whose logit it is");
    field("images", images, "count of its images");
    field("score", score, "share of them whose logit grows along the direction, mean over the random sets");
    field("deviation", deviation, "of the shares over the random sets");
    field("random_score", random_score, "the same of random sets that were taken for a concept");
    field("random_deviation", random_deviation, "likewise");
    field("p", p,
          "two-sided probability that the class's mean slope along random pictures lies as far from those of random sets (Student's t)");
    field("significant", significant, "whether p times the count of concepts and classes (Bonferroni) is below 0.05");
  }
};

/** Pictures that have something in common, and what the network makes of it. */
struct ConceptRecord {
  std::string name;
  std::string folder;
  int64_t pictures = 0;
  double separable = 0;
  std::string tiles;
  std::vector<ConceptScore> classes;

  void fields(auto&& field) {
    field("name", name, "what it is called");
    field("folder", folder, "where its pictures lie");
    field("pictures", pictures, "count of them");
    field("separable", separable,
          "share of its and of random pictures that lie on their own side of the middle between their means, each left out of its mean; "
          "0.5: the node does not tell them apart");
    field("tiles", tiles, "PNG of its first pictures, in rows of `columns`");
    field("classes", classes, "its scores, one for each class");
  }
  void check(std::string_view whose) const;
};

/** Whether concepts that a person brings matter to a network: testing with concept activation vectors. */
struct ConceptsRecord : Provenance {
  static constexpr std::string_view kKind = "concepts";

  std::string node;
  std::string about;
  int64_t images = 0;
  int64_t sets = 0;
  int64_t drawn = 0;
  int64_t columns = 1;
  std::vector<ConceptRecord> concepts;

  void fields(auto&& field) {
    Provenance::fields(field);
    field("node", node, "the node in which concepts are directions");
    field("about", about, "where it stands in the network");
    field("images", images, "count of images that random sets are drawn from and classes are of");
    field("sets", sets, "random sets that each concept was held against");
    field("drawn", drawn, "images in each of them");
    field("columns", columns, "images in a row of `tiles`");
    field("concepts", concepts, "one for each concept");
  }
  void check(std::string_view whose) const;
};

/** "grows in 92 % of 50 images, random sets 51 %: p 0.0003", "no better than random sets": what a score says. */
std::string score_text(const ConceptScore& score);

}  // namespace convscope
