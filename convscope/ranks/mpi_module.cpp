// One MPI as a loadable module (ranks/module.h): compiled once with the header of each MPI that is there.
#define OMPI_SKIP_MPICXX 1
#define MPICH_SKIP_MPICXX 1
#include <mpi.h>

#include <cstdio>
#include <cstring>
#include <new>

#include "convscope/ranks/module.h"

namespace {

int start(int* rank, int* size, char* library, int room) {
  int threads = 0;
  if (MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &threads) != MPI_SUCCESS) return 1;
  char text[MPI_MAX_LIBRARY_VERSION_STRING] = {};
  int length = 0;
  MPI_Get_library_version(text, &length);
  text[std::strcspn(text, ",\n")] = 0;  // what follows tells of its build
  std::snprintf(library, static_cast<size_t>(room), "%s", text);
  return MPI_Comm_rank(MPI_COMM_WORLD, rank) == MPI_SUCCESS && MPI_Comm_size(MPI_COMM_WORLD, size) == MPI_SUCCESS ? 0 : 1;
}

void finish() { MPI_Finalize(); }

void abort_all(int status) { MPI_Abort(MPI_COMM_WORLD, status); }

void* send(int to, int tag, const void* bytes, int count) {
  auto* request = new (std::nothrow) MPI_Request;
  if (request && MPI_Isend(bytes, count, MPI_BYTE, to, tag, MPI_COMM_WORLD, request) == MPI_SUCCESS) return request;
  delete request;
  return nullptr;
}

void* receive(int from, int tag, void* room, int count) {
  auto* request = new (std::nothrow) MPI_Request;
  if (request && MPI_Irecv(room, count, MPI_BYTE, from, tag, MPI_COMM_WORLD, request) == MPI_SUCCESS) return request;
  delete request;
  return nullptr;
}

int done(void* what) {
  auto* request = static_cast<MPI_Request*>(what);
  int is_done = 0;
  if (MPI_Test(request, &is_done, MPI_STATUS_IGNORE) != MPI_SUCCESS) return -1;
  if (is_done) delete request;
  return is_done ? 1 : 0;
}

const convscope_ranks_module kModule = {convscope::kRanksModuleFormat, start, finish, abort_all, send, receive, done};

}  // namespace

extern "C" __attribute__((visibility("default"))) const convscope_ranks_module* convscope_ranks(void) { return &kModule; }
