#include "evaluation/report.h"

#include "evaluation/html.h"
#include "evaluation/run_history.h"
#include "lib/evaluation/tiny.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <regex>

namespace strata {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::vector<std::byte> bytes_of(std::string_view text) {
  std::vector<std::byte> bytes(text.size());
  std::transform(text.begin(), text.end(), bytes.begin(), [](char c) { return static_cast<std::byte>(c); });
  return bytes;
}

TEST(Html, escapes_what_could_leave_text_or_attribute) { EXPECT_EQ(escape_html("<b>&\"'"), "&lt;b&gt;&amp;&quot;&#39;"); }

TEST(Html, data_uris_are_base64_as_in_rfc_4648) {
  EXPECT_EQ(data_uri("image/png", bytes_of("foobar")), "data:image/png;base64,Zm9vYmFy");
  EXPECT_EQ(data_uri("image/png", bytes_of("fooba")), "data:image/png;base64,Zm9vYmE=");
  EXPECT_EQ(data_uri("image/png", bytes_of("foob")), "data:image/png;base64,Zm9vYg==");
  EXPECT_EQ(data_uri("image/png", bytes_of("\xff\xfe\xfd")), "data:image/png;base64,//79");
}

TEST(LineChart, ticks_are_round_and_inside) {
  EXPECT_THAT(round_ticks(0.3, 10.2, 5), ElementsAre(2, 4, 6, 8, 10));
  EXPECT_THAT(round_ticks(-1, 1, 4), ElementsAre(-1, -0.5, 0, 0.5, 1));
  EXPECT_THAT(round_ticks(3, 3, 5), ElementsAre());
}

TEST(LineChart, leaves_out_what_is_not_finite_and_is_empty_without_points) {
  EXPECT_EQ(line_chart_html({.title = "Loss", .x_label = "step", .series = {{"a", {}}, {"b", {{1, NAN}}}}}), "");
  const std::string svg =
      line_chart_html({.title = "Loss", .x_label = "step", .series = {{"a", {{0, 1}, {1, INFINITY}, {2, 3}}}}});
  EXPECT_THAT(svg, AllOf(HasSubstr("<svg"), Not(HasSubstr("nan")), Not(HasSubstr("inf"))));
}

TEST(RunCurves, are_read_by_the_names_of_the_columns) {
  const std::vector<LineChart> charts = run_curves_of({{"step", "epoch", "lr", "loss", "val_loss", "mean_iu", "other"},
                                                       {"1", "0", "0.1", "3.5", "", "", "7"},
                                                       {"2", "0", "0.05", "nan", "2.5", "0.25", "8"}});
  ASSERT_EQ(charts.size(), 3u);
  ASSERT_EQ(charts[0].series.size(), 2u);
  EXPECT_EQ(charts[0].series[0].name, "training");
  EXPECT_THAT(charts[0].series[0].points, ElementsAre(std::pair(1.0, 3.5)));
  EXPECT_EQ(charts[0].series[1].name, "validation");
  EXPECT_THAT(charts[0].series[1].points, ElementsAre(std::pair(2.0, 2.5)));
  EXPECT_THAT(charts[1].series[0].points, ElementsAre(std::pair(2.0, 25.0)));
  EXPECT_EQ(charts[2].series[0].name, "rate");
}

TEST(RunCurves, of_a_table_without_known_columns_are_none) {
  EXPECT_TRUE(run_curves_of({}).empty());
  EXPECT_TRUE(run_curves_of({{"a", "b"}, {"1", "2"}}).empty());
}

ReportContent content() {
  ReportContent content{.title = "tiny, val",
                        .facts = {{"Scales", "0.5, 1"}},
                        .provenance = {{"run.seed", "7"}},
                        .labels = testing::tiny_label_set(),
                        .confusion = ConfusionMatrix(3, {3, 1, 0, 2, 4, 0, 0, 0, 0}),
                        .val_loss = 0.25,
                        .image_count = 2,
                        .curves = {},
                        .images = {}};
  content.curves = {{.title = "Loss", .x_label = "step", .series = {{"loss", {{1, 3}, {2, 2}}}}}};
  const std::string picture = data_uri("image/png", bytes_of("picture"));
  content.images = {
      {.name = "street/001",
       .place = "lowest",
       .mean_iu = 0.5,
       .acc = 0.7,
       .loss = 1.5,
       .figures = {
           {"frame", picture}, {"truth", picture}, {"prediction", picture}, {"errors", picture}, {"attention-0.5", picture}}}};
  return content;
}

TEST(Report, shows_numbers_classes_curves_pictures_and_confusion) {
  const std::string page = report_page(content());
  EXPECT_THAT(page, AllOf(HasSubstr("53.6"), HasSubstr("over 2 of 3 classes"), HasSubstr("Attention at 0.5×"),
                          HasSubstr("aria-label=\"Loss\""), HasSubstr("sky taken for road: 25.00 %"),
                          HasSubstr("Evaluation: tiny, val")));
}

TEST(Report, keeps_the_provenance_of_weights_folded_below_the_facts) {
  const std::string page = report_page(content());
  const size_t facts = page.find("<dt>Scales</dt>"), fold = page.find("<details"),
               seed = page.find("<dt>run.seed</dt><dd>7</dd>"), end = page.find("</details>");
  ASSERT_NE(seed, std::string::npos);
  EXPECT_LT(facts, fold);
  EXPECT_LT(fold, seed);
  EXPECT_LT(seed, end);
  ReportContent without = content();
  without.provenance.clear();
  EXPECT_THAT(report_page(without), Not(HasSubstr("<details")));
}

TEST(Report, refers_to_nothing_outside_itself) {
  const std::string page = report_page(content());
  EXPECT_THAT(page, AllOf(Not(HasSubstr("http:")), Not(HasSubstr("https:")), Not(HasSubstr("url(")), Not(HasSubstr("@import")),
                          Not(HasSubstr("<link"))));
  const std::regex reference("(src|href)=\"([^\"]{0,5})");
  int references = 0;
  for (auto found = std::sregex_iterator(page.begin(), page.end(), reference); found != std::sregex_iterator();
       ++found, ++references)
    EXPECT_EQ((*found)[2], "data:");
  EXPECT_EQ(references, 5);
}

TEST(Report, every_picture_has_a_text_for_those_who_do_not_see_it) {
  const std::string page = report_page(content());
  const std::regex picture("<img [^>]*>"), with_text("alt=\"[^\"]{10,}\"");
  for (auto found = std::sregex_iterator(page.begin(), page.end(), picture); found != std::sregex_iterator(); ++found)
    EXPECT_TRUE(std::regex_search(found->str(), with_text)) << found->str();
}

TEST(Report, text_from_outside_stays_text) {
  ReportContent hostile = content();
  const std::string name = "<b>&\"</script><script>alert(1)</script>";
  hostile.title = hostile.labels.classes[0].name = hostile.images[0].name = hostile.facts[0].first = hostile.facts[0].second =
      hostile.provenance[0].first = hostile.provenance[0].second = name;
  hostile.curves[0].series[0].name = hostile.curves[0].title = hostile.curves[0].x_label = name;
  hostile.images[0].figures[0].kind = hostile.images[0].place = name;
  const std::string page = report_page(hostile);
  EXPECT_THAT(page, AllOf(Not(HasSubstr("<b>&\"")), Not(HasSubstr("alert(1)</script>")), HasSubstr("&lt;b&gt;&amp;&quot;")));
  const std::regex script("<script");
  EXPECT_EQ(std::distance(std::sregex_iterator(page.begin(), page.end(), script), std::sregex_iterator()), 1);
}

TEST(Report, of_nothing_is_still_a_page) {
  ReportContent empty{.title = "",
                      .facts = {},
                      .labels = testing::tiny_label_set(),
                      .confusion = ConfusionMatrix(3),
                      .val_loss = 0,
                      .image_count = 0,
                      .curves = {},
                      .images = {}};
  EXPECT_THAT(report_page(empty), AllOf(HasSubstr("over 0 of 3 classes"), Not(HasSubstr("nan"))));
}

}  // namespace
}  // namespace strata
