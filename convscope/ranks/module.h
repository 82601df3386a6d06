#pragma once

/**
 * What a module of an MPI gives the program that loads it: C functions over whole bytes, so that nothing of an MPI's own header, whose
 * types differ from one to the other, is seen outside its module. Requests are the module's own.
 */

extern "C" {

struct convscope_ranks_module {
  int format;  // kRanksModuleFormat of the header that it was compiled with

  /** Starts the MPI; 0: it runs, and tells rank, size and its name, at most `room` letters with the 0 behind them. */
  int (*start)(int* rank, int* size, char* library, int room);
  void (*finish)(void);
  void (*abort)(int status);

  /** Null where the MPI refuses. */
  void* (*send)(int to, int tag, const void* bytes, int count);
  void* (*receive)(int from, int tag, void* room, int count);
  /** 1: done, and the request is gone; 0: not yet; −1: failed. */
  int (*done)(void* request);
};

/** The one function that a module exports. */
const convscope_ranks_module* convscope_ranks(void);
}

namespace convscope {
inline constexpr int kRanksModuleFormat = 1;
inline constexpr const char* kRanksModuleFunction = "convscope_ranks";
}  // namespace convscope
