#pragma once

/**
 * How a member of the family is written: as a coroutine for one image, which asks for slopes and moves.
 *
 *   Steps IteratedFgsm::run(Walk& walk) const {
 *     for (int64_t step = 0; step < options_.steps; ++step) walk.add_signs(co_await walk.slope(), alpha);
 *   }
 *
 * Goals: a member reads like its paper and knows nothing of batches; whoever runs it asks the network for the slopes of many images at
 * once, lets go of those that are done, and fills their places.
 */

#include <coroutine>
#include <cstdint>
#include <exception>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "convscope/attack/ball.h"
#include "convscope/base/random.h"
#include "convscope/graph/ops/attack_loss.h"
#include "convscope/subject/subject.h"

namespace convscope {

/** A member's `run` on its way: it stops at each question. */
class Steps {
 public:
  struct promise_type {
    std::exception_ptr error = {};
    Steps get_return_object() { return Steps(std::coroutine_handle<promise_type>::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { error = std::current_exception(); }
  };

  Steps() = default;
  explicit Steps(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  Steps(Steps&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Steps& operator=(Steps&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Steps() {
    if (handle_) handle_.destroy();
  }

  /** To the next question, or to the end. */
  void resume() {
    handle_.resume();
    if (handle_.promise().error) std::rethrow_exception(handle_.promise().error);
  }
  bool done() const { return handle_.done(); }

 private:
  std::coroutine_handle<promise_type> handle_;
};

/** One image on its way, as a member sees it. */
class Walk {
 public:
  /** What an image is, and where to. */
  struct Image {
    std::span<const float> clean;   // [C H W]; outlives the walk
    Shape shape = {};               // [C, H, W]
    std::span<const float> logits;  // [Y] of the clean image; outlives the walk
    int64_t label = 0;
    int64_t goal = -1;   // the class aimed at; −1: away from the label
    int64_t number = 0;  // by which it draws
    int64_t row = 0;     // among the images
  };
  /** `centre`, of the ball, outlives it. */
  Walk(const Image& image, std::span<const float> centre, Norm norm, uint64_t seed, bool pixels_only = true);

  /** The image, and the middle of the ball: the image itself, or black. */
  std::span<const float> clean() const { return image_.clean; }
  std::span<const float> centre() const { return centre_; }
  /** Where the walk is. */
  std::span<float> x() { return x_; }
  std::span<const float> x() const { return x_; }
  const Image& image() const { return image_; }
  bool aims() const { return image_.goal >= 0; }
  float epsilon() const { return epsilon_; }
  Norm norm() const { return norm_; }
  /** Random numbers of this image: index them by pixel, with `number` as the part. */
  RandomStream random(std::string_view name) const { return {seed_, name}; }
  uint64_t number() const { return static_cast<uint64_t>(image_.number); }

  /** To the image. */
  void return_home();
  /** x + by · sign(up), and the same for any direction, back in the ball and the pixel range; sign(0) = 0. */
  void add_signs(std::span<const float> up, float by);
  void add(std::span<const float> direction, double by);
  void keep_inside() { ball_.keep(x_); }
  /** From here on the ball is so many times as wide as ε says, and while it is wider than that, what is reached does not count. */
  void widen(double times);

  /** `co_await walk.slope()`: which way is up at x, towards the goal; its numbers are good until the next question. The image's own is
   * asked for once, but where it is wanted anew. */
  auto slope(bool anew = false) { return SlopeQuestion{*this, anew}; }
  /** The slope of one of the losses that attacks climb, between two classes, as it is; its logits are `logits()`. */
  auto slope_of(Objective::Of of, ClassPair classes) { return LossQuestion{*this, {of, classes}}; }
  /** `co_await walk.answer()`: the logits at x, without a slope. */
  auto answer() { return AnswerQuestion{*this}; }
  /** Of the last question, and whether they are what the attack is for. */
  std::span<const float> logits() const { return logits_; }
  bool reached() const { return reached_; }
  /** `co_await walk.look()`: an end that counts; where x has reached the goal, the walk goes no further. */
  auto look() { return LookQuestion{*this}; }

  // For those who run it.
  enum class Question { slope, answer, look };
  Question question() const { return question_; }
  /** Which slope is wanted. */
  struct Asked {
    Objective::Of of = Objective::Of::log_odds;
    ClassPair classes = {-1, -1};  // below 0: the goal, or the label, as `slope()` asks
    bool plain() const { return classes.own < 0; }
  };
  const Asked& asked() const { return asked_; }
  /** Begins anew with another ε; the radius of a ball, or the pixel range is all there is. */
  void begin(float epsilon, bool in_ball);
  bool is_wide() const { return in_ball_ && ball_.radius() > epsilon_; }
  /** The answer: the slope of what was asked, and its logits. */
  void take_slope(std::span<const float> slope, std::span<const float> logits);
  void take_answer(std::span<const float> logits, bool reached);
  void looked() { looked_ = true; }
  /** Whether the last look was at where it is. */
  bool was_looked_at() const { return looked_; }
  int64_t iterations() const { return iterations_; }

 private:
  struct SlopeQuestion {
    Walk& walk;
    bool anew;
    bool await_ready() const { return !anew && walk.knows_slope(); }
    void await_suspend(std::coroutine_handle<>) const { walk.ask_slope({}); }
    std::span<const float> await_resume() const { return walk.next_slope(); }
  };
  struct LossQuestion {
    Walk& walk;
    Asked asked;
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<>) const { walk.ask_slope(asked); }
    std::span<const float> await_resume() const { return walk.next_slope(); }
  };
  struct AnswerQuestion {
    Walk& walk;
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<>) const { walk.question_ = Question::answer; }
    std::span<const float> await_resume() const {
      ++walk.iterations_;
      walk.looked_ = false;
      return walk.logits_;
    }
  };
  struct LookQuestion {
    Walk& walk;
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<>) const { walk.question_ = Question::look; }
    void await_resume() const {}
  };
  bool knows_slope();
  void ask_slope(const Asked& asked);
  std::span<const float> next_slope();

  Image image_;
  std::span<const float> centre_;
  Norm norm_;
  uint64_t seed_;
  bool pixels_only_, in_ball_ = true;
  float epsilon_ = 0;
  Ball ball_;
  std::vector<float> x_, slope_, logits_;
  std::vector<float> slope_at_home_, logits_at_home_;  // every ε begins with them
  Question question_ = Question::slope;
  Asked asked_ = {};
  bool looked_ = false, reached_ = false;
  int64_t iterations_ = 0;
};

}  // namespace convscope
