#include "convscope/report/draw/svg_canvas.h"

#include <gtest/gtest.h>

#include "convscope/report/draw/figure_testing.h"

namespace convscope {
namespace {

TEST(Base64, IsThatOfRfc4648) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foob"), "Zm9vYg==");
  EXPECT_EQ(base64("fooba"), "Zm9vYmE=");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64("\xff\xfe\xfd"), "//79");
}

TEST(EscapedText, HoldsNoMarkupInElementsNorAttributes) {
  EXPECT_EQ(escaped("</script><b> \"x\" 'y' &amp;"), "&lt;/script&gt;&lt;b&gt; &quot;x&quot; &#39;y&#39; &amp;amp;");
  EXPECT_EQ(escaped("\xff"), "\uFFFD");
}

TEST(Svg, SharesTheStyleOfWhatFollowsEachOther) {
  SvgCanvas canvas(40, 20, "boxes");
  Canvas& any = canvas;
  any.fill({1, 2, 3, 4}, kInk);
  any.fill({5.126, 2, 3, 4}, kInk);
  any.fill({9, 2, 3, 4}, sheer(kInk, 0.5));
  any.text({1, 2}, "a", {.size = 9, .align = Align::centre});
  any.text({3, 4}, "<b>", {.size = 9, .align = Align::centre, .turn = -45});
  const std::string svg = canvas.finish();
  EXPECT_TRUE(well_formed(svg));
  EXPECT_NE(svg.find("<path fill=\"#1c2126\" d=\"M1 2h3v4h-3zM5.1 2h3v4h-3z\"/>"), std::string::npos) << svg;
  EXPECT_NE(svg.find("fill=\"#1c2126\" fill-opacity=\"0.5\""), std::string::npos) << svg;
  EXPECT_NE(
      svg.find(
          "text-anchor=\"middle\"><text x=\"1\" y=\"2\">a</text><text x=\"3\" y=\"4\" transform=\"rotate(-45 3 4)\">&lt;b&gt;</text></g>"),
      std::string::npos)
      << svg;
}

}  // namespace
}  // namespace convscope
