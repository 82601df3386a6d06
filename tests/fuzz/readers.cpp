#include "readers.h"

#include <algorithm>
#include <string>
#include <vector>

#include "convscope/base/archive.h"
#include "convscope/base/error.h"
#include "convscope/base/json.h"
#include "convscope/data/idx.h"
#include "convscope/data/matlab.h"
#include "convscope/data/sources/cifar_files.h"
#include "convscope/graph/graph.h"
#include "convscope/models/architecture/architecture.h"
#include "convscope/models/checkpoint.h"
#include "convscope/models/foreign/pickle.h"
#include "convscope/models/foreign/torch_file.h"
#include "convscope/models/onnx/import.h"
#include "convscope/results/attribution_record.h"
#include "convscope/results/epoch_metrics.h"
#include "convscope/results/evaluation.h"
#include "convscope/results/prediction_sheet.h"
#include "convscope/tensor/image.h"
#include "convscope/tensor/npy.h"
#include "convscope/tensor/safetensors.h"

namespace convscope {

namespace {

constexpr const char* kWhose = "x";

Json json(std::string_view bytes) { return parse_json(bytes, kWhose); }

void read_archive_files(std::string_view bytes) {
  read_archive(bytes, kWhose, {.entry_bytes = 1 << 20, .total_bytes = 1 << 22, .entries = 1000}, [](ArchiveFile& file) {
    file.bytes();
    return true;
  });
}

/** One record of CIFAR-10. */
void read_cifar(std::string_view bytes) {
  int32_t label = 0;
  std::vector<uint8_t> levels(3 * 32 * 32);
  CifarFiles::read_records({kWhose, std::string(bytes)}, {}, {&label, 1}, levels);
}

/** What lies beside a network: some numbers, whatever the file is called. */
std::string numbers_beside(std::string_view, uint64_t offset, uint64_t count) {
  constexpr uint64_t kBytes = 4096;
  require(offset <= kBytes && count <= kBytes - offset, "beyond its end");
  return std::string(count, '\x3d');
}

/** A network in a file: whatever it says, it is built or refused. */
void read_architecture_text(std::string_view bytes) {
  const Architecture a = parse_architecture(bytes, kWhose);
  (void)build_architecture(a, Shape(a.image), a.classes, {}, kWhose);
}

constexpr FuzzReader kReaders[] = {
    {"architecture", read_architecture_text},
    {"archive", read_archive_files},
    {"attribution", [](std::string_view bytes) { record_from_json<AttributionRecord>(json(bytes), kWhose); }},
    {"checkpoint", [](std::string_view bytes) { parse_checkpoint(bytes, kWhose); }},
    {"cifar", read_cifar},
    {"evaluation", [](std::string_view bytes) { record_from_json<Evaluation>(json(bytes), kWhose); }},
    {"graph", [](std::string_view bytes) { graph_from_json(json(bytes), kWhose); }},
    {"idx",
     [](std::string_view bytes) {
       idx_numbers(bytes, {2, 1, 3}, kWhose);
     }},
    {"image", [](std::string_view bytes) { parse_image(bytes, kWhose); }},
    {"json", [](std::string_view bytes) { shown(json(bytes)); }},
    {"matlab", [](std::string_view bytes) { read_matlab_structs(bytes, "synsets", kWhose); }},
    {"metrics", [](std::string_view bytes) { parse_metrics(bytes, kWhose); }},
    {"npy", [](std::string_view bytes) { parse_npy(bytes, kWhose); }},
    {"onnx", [](std::string_view bytes) { parse_onnx_network(bytes, {}, kWhose, numbers_beside); }},
    {"pickle", [](std::string_view bytes) { parse_pickle(bytes, kWhose); }},
    {"predictions", [](std::string_view bytes) { record_from_json<PredictionSheet>(json(bytes), kWhose); }},
    {"safetensors", [](std::string_view bytes) { parse_safetensors(bytes, kWhose); }},
    {"torch", [](std::string_view bytes) { parse_torch_file(bytes, kWhose); }},
};

}  // namespace

std::span<const FuzzReader> fuzz_readers() { return kReaders; }

const FuzzReader& fuzz_reader(std::string_view name) {
  const auto row = std::find_if(std::begin(kReaders), std::end(kReaders), [&](const FuzzReader& r) { return r.name == name; });
  require(row != std::end(kReaders), "no reader '{}' in tests/fuzz/readers.cpp", name);
  return *row;
}

}  // namespace convscope
