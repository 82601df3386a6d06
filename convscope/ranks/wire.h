#pragma once

#include <memory>
#include <span>
#include <string>

namespace convscope {

/** A message on its way. It may be asked again and again until it has arrived, or has left; not after that. */
class Transfer {
 public:
  virtual ~Transfer() = default;
  virtual bool done() = 0;
};

/**
 * What carries messages between the ranks of a run: an MPI, or threads in a test. Messages of one sender under one tag arrive in the order
 * in which they were sent. Bytes must stay where they are until their transfer is done; a message has at most `kMostBytes`.
 */
class Wire {
 public:
  virtual ~Wire() = default;
  static constexpr size_t kMostBytes = size_t{1} << 30;

  virtual int rank() const = 0;
  virtual int size() const = 0;
  /** "Open MPI 4.1.4". */
  virtual std::string library() const = 0;

  virtual std::unique_ptr<Transfer> send(int to, int tag, std::span<const char> bytes) = 0;
  /** Of a message that is as long as the room for it. */
  virtual std::unique_ptr<Transfer> receive(int from, int tag, std::span<char> room) = 0;

  /** Ends all ranks at once, whatever they are at. */
  [[noreturn]] virtual void abort(int status) = 0;
};

}  // namespace convscope
