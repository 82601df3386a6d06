#pragma once

#include "convscope/base/base_testing.h"
#include "convscope/base/json_file.h"
#include "convscope/results/perturbative_view.h"
#include "convscope/results/run_folder.h"

namespace convscope {

/** A study whose networks end at these accuracies, percent. */
class MadeUpStudy : public ::testing::Test {
 protected:
  void add(const char* name, const char* role, std::vector<double> ends, int64_t epochs = 3) {
    PerturbativeRun run{.name = name, .label = name, .group = "published", .kind = role, .role = role, .model = "m", .published = 0.9};
    run.epochs = 3;
    run.parameters = 10;
    run.macs = 20;
    for (size_t i = 0; i < ends.size(); ++i) {
      run.seeds.push_back(static_cast<int64_t>(i) + 1);
      std::vector<EpochMetrics> metrics;
      for (int64_t e = 1; e <= epochs; ++e) {
        EpochMetrics m;
        m.epoch = e;
        m.images_per_second = 100;
        m.test_loss = 1;
        m.test_accuracy = ends[i] / 100 - 0.01 * static_cast<double>(3 - e);
        m.test_accuracy_smoothed = m.test_accuracy + (e == 2 ? 0.06 : 0.0);
        m.test_accuracy_batch_mean = m.test_accuracy;
        m.train_accuracy = 0.5;
        m.train_accuracy_smoothed = e == 2 ? 0.75 : 0.5;
        m.test_loss_smoothed = e == 2 ? 0.5 : 1.5;
        metrics.push_back(m);
      }
      const Path to = perturbative_run_folder(folder.path(), name, run.seeds.back());
      make_folder(to);
      write_metrics(to / "metrics.jsonl", metrics);
    }
    record.runs.push_back(run);
  }
  PerturbativeView view() {
    write_json(folder.path() / kPerturbativeFile, fields_to_json(record));
    return perturbative_view(record, folder.path());
  }
  std::string said() {
    std::string all;
    for (const std::string& line : perturbative_findings(view())) all += line + "\n";
    return all;
  }
  TemporaryFolder folder;
  PerturbativeRecord record;
};

}  // namespace convscope
