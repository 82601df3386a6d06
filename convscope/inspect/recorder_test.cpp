#include "convscope/inspect/recorder.h"

#include <set>

#include "convscope/base/base_testing.h"
#include "convscope/base/random.h"
#include "convscope/inspect/attribution/training_path.h"
#include "convscope/results/run_folder.h"
#include "convscope/subject/linear_testing.h"

namespace convscope {
namespace {

using testing_subject::LinearSubject;

const Shape kImage{2, 4, 3};

/** A network "being trained": another linear one at each update. */
LinearSubject at(int64_t update) { return {kImage, 3, static_cast<uint64_t>(update + 1)}; }

Watched watched(int64_t every = 1) {
  Watched w;
  w.methods = {"gradient-x-input", "gradient,absolute=true"};
  w.x = Tensor({2, 2, 4, 3});
  const RandomStream random(9, "watched images");
  for (int64_t i = 0; i < w.x.size(); ++i) w.x[i] = random.uniform(static_cast<uint64_t>(i));
  w.numbers = {7, 40};
  w.labels = {2, 0};
  w.targets = {2, 0};
  w.classes = {"a", "b", "c"};
  w.every = every;
  return w;
}

void feed(Recorder& recorder, int64_t from, int64_t to) {
  for (int64_t update = from; update < to; ++update) {
    LinearSubject subject = at(update);
    recorder.record(subject, update);
  }
}

/** All frames of a folder in one. */
WatchFrames frames_in(const Path& folder) {
  const WatchRecord record = read_watch(folder);
  WatchFrames all(record);
  for (const Path& file : frame_files(folder)) {
    const WatchFrames some = read_frames(file, record);
    const auto append = [](auto& to, const auto& from) { to.insert(to.end(), from.begin(), from.end()); };
    append(all.updates, some.updates);
    append(all.predicted, some.predicted);
    append(all.confidence, some.confidence);
    append(all.units, some.units);
    append(all.levels, some.levels);
  }
  return all;
}

TEST(ARecorder, KeepsTheMapsOfEachStateAndTheSumOfTheLossesSlopes) {
  const TemporaryFolder folder;
  Recorder recorder(folder.path(), watched());
  feed(recorder, 0, 5);
  recorder.keep();
  const WatchFrames frames = frames_in(folder.path());
  EXPECT_EQ(frames.updates, (std::vector<int64_t>{0, 1, 2, 3, 4}));
  const Watched w = watched();
  std::vector<double> sum(static_cast<size_t>(w.x.size()));
  for (int64_t f = 0; f < 5; ++f) {
    LinearSubject subject = at(f);
    const Tensor slope = subject.slope(w.x, {.of = Objective::Of::loss}, w.labels).gradient;
    for (size_t i = 0; i < sum.size(); ++i) sum[i] += slope[static_cast<int64_t>(i)];
    for (int64_t n = 0; n < 2; ++n) {
      EXPECT_EQ(frames.predicted[static_cast<size_t>(2 * f + n)], argmax(subject.scores(w.x).row(n)));
      for (int64_t i = 0; i < 12; ++i) {
        const auto weight = subject.weight().row(w.targets[static_cast<size_t>(n)]), pixels = w.x.row(n);
        const size_t at_first = static_cast<size_t>(i), at_second = static_cast<size_t>(12 + i);
        const float wanted = weight[at_first] * pixels[at_first] + weight[at_second] * pixels[at_second];
        EXPECT_NEAR(frames.unit(f, 0, n) * static_cast<float>(frames.map(f, 0, n)[at_first]), wanted, 0.51f * frames.unit(f, 0, n));
      }
    }
  }
  const TrainingPath path = read_training_path(folder.path());
  EXPECT_EQ(path.states, 5);
  for (size_t i = 0; i < sum.size(); ++i) EXPECT_DOUBLE_EQ(path.sum[i], sum[i]);
}

TEST(ARecorder, ThatWasInterruptedAnywhereIsTheOneThatWasNot) {
  const TemporaryFolder whole, parts;
  Recorder straight(whole.path(), watched(2));
  feed(straight, 0, 20);
  LinearSubject last = at(20);
  straight.record_last(last, 20);
  straight.keep();
  {
    Recorder first(parts.path(), watched(2));
    feed(first, 0, 7);
    first.keep();  // a checkpoint at update 7
    feed(first, 7, 12);
    first.keep();
    feed(first, 12, 15);  // dies
  }
  {
    Recorder second(parts.path());  // the training goes on from that checkpoint
    feed(second, 7, 16);
    second.keep();
  }
  // A process died after it wrote frames and before it wrote their sum.
  WatchFrames stray(straight.record());
  stray.updates = {16};
  stray.predicted = {0, 0};
  stray.confidence = {0, 0};
  for (int k = 0; k < 4; ++k) stray.add_map(std::vector<float>(12, 1.0f));
  write_frames(parts.path(), stray);
  Recorder third(parts.path());
  feed(third, 7, 20);
  third.record_last(last, 20);
  third.record_last(last, 20);
  third.keep();

  EXPECT_EQ(frames_in(parts.path()).updates, (std::vector<int64_t>{0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20}));
  EXPECT_EQ(frames_in(parts.path()), frames_in(whole.path()));
  EXPECT_EQ(read_training_path(parts.path()).sum, read_training_path(whole.path()).sum);
  EXPECT_EQ(read_file(parts / kWatchFile), read_file(whole / kWatchFile));
  EXPECT_EQ(third.frames(), 11);
}

TEST(ARecorder, KeepsTheTargetsOfItsFirstFrame) {
  const TemporaryFolder folder;
  Watched w = watched();
  w.targets.clear();
  Recorder recorder(folder.path(), w);
  feed(recorder, 0, 3);
  recorder.keep();
  LinearSubject first = at(0);
  const std::vector<int64_t> wanted = predicted(first, w.x);
  const WatchRecord record = read_watch(folder.path());
  for (size_t n = 0; n < 2; ++n) EXPECT_EQ(record.images[n].target, wanted[n]);
}

TEST(ARecorder, OfEachFramesOwnClassExplainsTheSoftmaxOfWhatThatFramePredicts) {
  const TemporaryFolder folder;
  Watched w = watched();
  w.methods = {"gradient"};
  w.targets.clear();
  w.target = std::string(kEachFrame);
  w.of = "softmax";
  {
    Recorder recorder(folder.path(), w);
    feed(recorder, 0, 4);
    recorder.keep();
  }
  Recorder later(folder.path());  // a training that goes on
  feed(later, 4, 8);
  later.keep();
  const WatchFrames frames = frames_in(folder.path());
  std::set<int64_t> seen;
  for (int64_t f = 0; f < 8; ++f) {
    LinearSubject subject = at(f);
    const std::vector<int64_t> targets = predicted(subject, w.x);
    const Tensor slope = subject.slope(w.x, {.of = Objective::Of::softmax}, targets).gradient;
    for (int64_t n = 0; n < 2; ++n) {
      seen.insert(targets[static_cast<size_t>(n)]);
      const float unit = frames.unit(f, 0, n);
      for (size_t i = 0; i < 12; ++i) {
        const float a = slope.row(n)[i], b = slope.row(n)[12 + i], wanted = std::abs(b) > std::abs(a) ? b : a;
        EXPECT_NEAR(unit * static_cast<float>(frames.map(f, 0, n)[i]), wanted, 0.51f * unit) << "frame " << f;
      }
    }
  }
  EXPECT_GT(seen.size(), 1u) << "or the test shows nothing";
  EXPECT_EQ(read_watch(folder.path()).of, "softmax");
}

TEST(ARecorder, ThatBeginsAnewForgetsTheOneBefore) {
  const TemporaryFolder folder;
  Recorder before(folder.path(), watched());
  feed(before, 0, 9);
  before.keep();
  Recorder after(folder.path(), watched());
  EXPECT_EQ(frames_in(folder.path()).count(), 9);  // nothing is lost before there is something new
  feed(after, 0, 2);
  after.keep();
  EXPECT_EQ(frames_in(folder.path()).count(), 2);
}

TEST(ARecorder, RefusesWhatCannotBeWatched) {
  const TemporaryFolder folder;
  Watched w = watched();
  w.methods = {"training-path"};
  EXPECT_THROW_SAYING(Recorder(folder.path(), w), "kept beside whatever is watched");
  w.methods = {"gradient", "gradient"};
  EXPECT_THROW_SAYING(Recorder(folder.path(), w), "twice");
  w.methods = {"gradiant"};
  EXPECT_THROW_SAYING(Recorder(folder.path(), w), "gradient");
  EXPECT_THROW_SAYING(Recorder(folder / "nothing"), "watch.json");
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(TheTrainingPathMethod, ReadsTheSumOfTheWatchedImagesInAnyOrder) {
  const TemporaryFolder run;
  Recorder recorder(run / kWatch, watched());
  feed(recorder, 0, 4);
  recorder.keep();
  const TrainingPath path = read_training_path(run / kWatch);
  const Watched w = watched();
  Tensor turned({2, 2, 4, 3});
  for (int64_t n = 0; n < 2; ++n) std::copy_n(w.x.row(1 - n).begin(), 24, turned.row(n).begin());
  LinearSubject subject = at(0);
  const auto asked = [&](const std::string& method, const Tensor& x, std::vector<int64_t> numbers) {
    Question question;
    question.numbers = numbers;
    return attributions().make(parse_choice(method + "run=" + run.path().string()))->explain(subject, x, question).values;
  };
  const Tensor sum = asked("training-path,", turned, {40, 7}), mean = asked("training-path,mean=true,", turned, {40, 7});
  for (int64_t i = 0; i < 24; ++i) {
    EXPECT_FLOAT_EQ(sum.row(0)[i], static_cast<float>(path.sum[static_cast<size_t>(24 + i)]));
    EXPECT_FLOAT_EQ(mean.row(1)[i], static_cast<float>(path.sum[static_cast<size_t>(i)] / 4));
  }
  EXPECT_THROW_SAYING(asked("training-path,", turned, {40, 8}), "`images` 7,40 were");
  EXPECT_THROW_SAYING(asked("training-path,", turned, {7, 40}), "is not the one that was watched");
  EXPECT_THROW_SAYING(TrainingPathAttribution({.run = (run / "other").string()}).explain(subject, turned, {}), "nothing was recorded");
  EXPECT_THROW_SAYING(TrainingPathAttribution({}).explain(subject, turned, {}), "run is missing");
}

TEST(TheTrainingPathMethod, SaysHowManyStatesOfHowManyAreInTheSum) {
  const TemporaryFolder all, some;
  const auto over = [](const TemporaryFolder& run, int64_t every, const char* options) {
    Recorder recorder(run / kWatch, watched(every));
    feed(recorder, 0, 10);
    LinearSubject last = at(10);
    recorder.record_last(last, 10);
    recorder.keep();
    Question question;
    question.numbers = {7, 40};
    return attributions()
        .make(parse_choice(fmt::format("training-path,run={}{}", run.path().string(), options)))
        ->explain(last, watched().x, question)
        .over;
  };
  EXPECT_EQ(over(all, 1, ""), "summed over all 11 states of the training");
  EXPECT_EQ(over(some, 3, ""), "summed over 5 of the 11 states of the training, one each 3 updates");
  EXPECT_EQ(over(some, 3, ",mean=true"), "its mean over 5 of the 11 states of the training, one each 3 updates");
}

TEST(ARecorder, SaysWhatEachMethodIsOf) {
  const TemporaryFolder folder;
  Watched w = watched();
  w.methods = {"loss-gradient", "gradient", "occlusion,window=2", "random"};
  Recorder recorder(folder.path(), w);
  feed(recorder, 0, 1);
  recorder.keep();
  const WatchRecord record = read_watch(folder.path());
  const auto explains = [&](size_t m) { return record.methods[m].explains; };
  EXPECT_EQ(explains(0), "the loss of the true class");
  EXPECT_EQ(explains(1), "the logit of the target");
  EXPECT_EQ(explains(2), "the logits of all classes at once");
  EXPECT_EQ(explains(3), "nothing: noise");
  for (size_t m = 0; m < 4; ++m) EXPECT_EQ(record.methods[m].targeted, m == 1);
  EXPECT_EQ(record.methods[0].channels, "farthest");
  EXPECT_EQ(record.methods[2].channels, "");
}

}  // namespace
}  // namespace convscope
