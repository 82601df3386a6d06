#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "convscope/tensor/image.h"

namespace convscope {

/**
 * Pictures one after the other, for ever, as an animated WebP without loss: what goes in comes out again, bit for bit, and every browser
 * shows it. A picture that equals the one before it becomes one that stands longer. Up to 16383 pixels a side.
 */
class Animation {
 public:
  Animation(int64_t rows, int64_t columns, double frames_per_second = 30);
  ~Animation();
  Animation(const Animation&) = delete;
  Animation& operator=(const Animation&) = delete;

  /** Of the animation's size, grey or colour. */
  void add(const Image& image);
  int64_t frames() const;
  /** The file's bytes; nothing can be added afterwards. At least one picture is wanted. */
  std::string finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace convscope
