#include "convscope/report/draw/figure.h"

#include <gtest/gtest.h>

#include "convscope/report/draw/figure_testing.h"

namespace convscope {
namespace {

constexpr double kTextWidth = 1e-3;  // pixels: letters are measured to 1/64 of a font unit

Figure sample(const std::string& words = "loss") {
  return Figure(120, 60, "sample", [words](Canvas& canvas) {
    canvas.fill({10, 10, 20, 20}, colour(0xff0000));
    canvas.image({40, 10, 20, 20}, Image{1, 1, 2, {0, 255}});
    canvas.text({70, 40}, words, {.size = 12});
  });
}

uint8_t pixel(const Image& image, int64_t channel, int64_t row, int64_t column) {
  return image.pixels[static_cast<size_t>((channel * image.rows + row) * image.columns + column)];
}

TEST(Figure, HasItsSizeAndItsColoursAtEveryScale) {
  for (const int64_t scale : {1, 2, 3}) {
    const Image image = parse_image(sample().png(static_cast<double>(scale)), "sample.png");
    ASSERT_EQ(image.channels, 3);
    ASSERT_EQ(image.columns, 120 * scale);
    ASSERT_EQ(image.rows, 60 * scale);
    EXPECT_EQ(pixel(image, 0, 20 * scale, 20 * scale), 255);  // red
    EXPECT_EQ(pixel(image, 1, 20 * scale, 20 * scale), 0);
    EXPECT_EQ(pixel(image, 1, 2, 2), 255);  // paper
    // The two pixels of the picture keep a hard edge between them.
    EXPECT_EQ(pixel(image, 1, 20 * scale, 50 * scale - 1), 0);
    EXPECT_EQ(pixel(image, 1, 20 * scale, 50 * scale), 255);
  }
}

TEST(Figure, IsTheSameBytesEachTime) {
  EXPECT_EQ(sample().svg(), sample().svg());
  EXPECT_EQ(sample().png(), sample().png());
}

TEST(Figure, HasNoNamesThatCouldMeetThoseOfOthersOnAPage) {
  EXPECT_EQ(sample().svg().find(" id="), std::string::npos);
  EXPECT_TRUE(sample().svg().starts_with("<svg "));
}

TEST(Figure, IsWellFormedWhateverTheNamesHold) {
  for (const std::string name : {"<b>&\"'", "\xff\xfe broken", "\x01\n control", "Größe ≥ 3 → ✓", "\xed\xa0\x80", ""}) {
    const Figure figure = sample(name);
    EXPECT_TRUE(well_formed(figure.svg())) << name;
    EXPECT_EQ(parse_image(figure.png(1), "x.png").columns, 120) << name;
  }
  EXPECT_NE(sample("a < b").svg().find("a &lt; b"), std::string::npos);
}

TEST(Printable, ReplacesWhatIsNoText) {
  EXPECT_EQ(printable("Größe"), "Größe");
  EXPECT_EQ(printable("a\tb\x7f"), "a b ");
  EXPECT_EQ(printable("a\xff"
                      "b"),
            "a\uFFFD"
            "b");
  EXPECT_EQ(printable("cut \xe2\x86"), "cut \uFFFD\uFFFD");
}

TEST(Fitted, CutsBetweenCharactersAndSaysSo) {
  const TextStyle style{.size = 12};
  const std::string name = "ÄÖÜ ÄÖÜ ÄÖÜ ÄÖÜ";
  EXPECT_EQ(fitted(name, style, 1000), name);
  for (double width = 20; width < 200; width += 7) {
    const std::string part = fitted(name, style, width);
    EXPECT_LE(text_width(part, style), width + kTextWidth);
    EXPECT_EQ(printable(part), part);
    EXPECT_TRUE(part == name || part.ends_with("…"));
  }
}

TEST(Label, IsTurnedWithItsText) {
  const Figure figure(200, 200, "turned", [](Canvas& canvas) { canvas.text({100, 150}, "upwards", {.size = 12, .turn = -90}); });
  const Box box = figure.labels().at(0).box;
  EXPECT_NEAR(box.height, text_width("upwards", {.size = 12}), kTextWidth);
  EXPECT_NEAR(box.bottom(), 150, kTextWidth);
}

}  // namespace
}  // namespace convscope
