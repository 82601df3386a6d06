#include "convscope/data/sources/array.h"

#include "convscope/base/base_testing.h"
#include "convscope/base/hostile_testing.h"
#include "convscope/base/json_file.h"
#include "convscope/data/data_testing.h"
#include "convscope/data/locate.h"
#include "convscope/tensor/npy.h"

namespace convscope {
using testing_data::counting_images, testing_data::pixels_of;

namespace {

class Arrays : public ::testing::Test {
 protected:
  Arrays() {
    for (int64_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i) * 1e-4f;
    write(folder.path());
  }
  void write(const Path& where) {
    make_folder(where);
    write_npy(where / told.pictures, x);
    write_json(where / kPictureArrayFile, fields_to_json(told));
  }
  std::shared_ptr<const Dataset> open(const std::string& text, Split split = Split::test) {
    return open_dataset(data_choice(text, {}), split, {});
  }

  Tensor x{{3, 1, 4, 5}};
  PictureArray told{"pictures.npy", "test", {"cat", "dog"}, {1, 0, 1}, {7, 2, 900}, "pgd of cats"};
  TemporaryFolder folder;
};

TEST_F(Arrays, ComeBackAsTheyWereWritten) {
  const auto data = open(folder.path().string());
  EXPECT_EQ(data->size(), 3);
  EXPECT_EQ(data->image_shape(), (Shape{1, 4, 5}));
  EXPECT_EQ(data->classes(), told.classes);
  EXPECT_EQ(data->label(1), 0);
  EXPECT_EQ(data->number(2), 900);
  const std::vector<float> pixels = pixels_of(*data, 1);
  EXPECT_TRUE(std::ranges::equal(pixels, x.row(1))) << "no rounding to 8 bits";
  EXPECT_TRUE(data->levels(1).empty());
  EXPECT_NE(array_text(*data).find("3 pictures as floats: pgd of cats"), std::string::npos);
  EXPECT_EQ(array_text(*counting_images({1, 1, 8, 8}, 2)), "");
}

TEST_F(Arrays, AreFoundInARunFolderWhereThereIsOneAttack) {
  write(folder / "run/attacks/pgd");
  EXPECT_EQ(open(folder / "run")->size(), 3);
  write(folder / "run/attacks/fgsm");
  EXPECT_THROW_SAYING(open(folder / "run"), "pictures of 2 attacks lie there; say which: ");
  EXPECT_EQ(array_folder(folder / "nowhere"), std::nullopt);
}

TEST_F(Arrays, ThatDoNotFitAreRefused) {
  EXPECT_THROW_SAYING(open(folder.path().string(), Split::train), "its pictures are of the split test; `split` train was asked for");
  told.labels = {1, 0, 2};
  write(folder.path());
  EXPECT_THROW_SAYING(open(folder.path().string()), "a picture of class 2; there are 2 classes");
  told.labels = told.numbers = {1, 0};
  write(folder.path());
  EXPECT_THROW_SAYING(open(folder.path().string()), "an array [3, 1, 4, 5]; 2 pictures [N, C, H, W] were wanted");
  told.pictures = "../pictures.npy";
  write(folder / "in");
  EXPECT_THROW_SAYING(open(folder / "in"), "the name of a file beside it was wanted");
}

TEST_F(Arrays, AreReadOrRefusedWhereverTheirFileIsCutOrDamaged) {
  const std::string text = fields_to_json(told).dump();
  const Reader read = [](std::string_view damaged) { record_from_json<PictureArray>(parse_json(damaged, "x"), "x"); };
  EXPECT_NO_THROW(read(text));
  cut_everywhere(text, read);
  flip_bytes(text, read, 3'000, text.size());
}

}  // namespace
}  // namespace convscope
