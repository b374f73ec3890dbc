#include "run/settings.h"

#include "base/error.h"

#include <gmock/gmock.h>

namespace strata {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Settings, SurviveJsonInTheirOrder) {
  const Settings settings = {{"seed", "1"}, {"model", "w48"}, {"crop", "64x64"}};
  EXPECT_EQ(settings_from_json(settings_to_json(settings)), settings);
}

TEST(Settings, EqualOnesMayContinue) { EXPECT_NO_THROW(require_same_settings({{"seed", "1"}}, {{"seed", "1"}}, "run")); }

TEST(Settings, ADifferenceIsAConfigurationErrorThatNamesKeyAndBothValues) {
  try {
    require_same_settings({{"run.seed", "1"}, {"model.width", "w48"}}, {{"run.seed", "2"}, {"model.width", "w48"}}, "run 'a'");
    FAIL() << "a changed seed was accepted";
  } catch (const ConfigError& e) {
    EXPECT_THAT(e.what(), HasSubstr("run 'a' was begun with other settings"));
    EXPECT_THAT(e.what(), HasSubstr("run.seed = 1, now 2"));
    EXPECT_THAT(e.what(), Not(HasSubstr("width")));
  }
}

TEST(Settings, OfManyDifferencesTheFirstAreShownAndTheRestCounted) {
  Settings before, now;
  for (int i = 0; i < 8; ++i) {
    before.emplace_back("key" + std::to_string(i), "a");
    now.emplace_back("key" + std::to_string(i), "b");
  }
  try {
    require_same_settings(before, now, "run");
    FAIL();
  } catch (const ConfigError& e) {
    EXPECT_THAT(e.what(), HasSubstr("key4"));
    EXPECT_THAT(e.what(), Not(HasSubstr("key5")));
    EXPECT_THAT(e.what(), HasSubstr("and 3 more"));
  }
}

TEST(Settings, OfAnIniTextIgnoreCommentsAndBlanks) {
  const Settings settings = settings_of_ini("# a comment\n[optimizer]\nlr = 0.1\n\n[schedule]\n epochs=3 \n; another\n");
  EXPECT_THAT(settings, ElementsAre(std::pair<std::string, std::string>("[optimizer] lr", "0.1"),
                                    std::pair<std::string, std::string>("[schedule] epochs", "3")));
}

TEST(Settings, DifferencesNameAddedAndRemovedKeys) {
  EXPECT_THAT(differences({{"a", "1"}, {"b", "2"}}, {{"b", "3"}, {"c", "4"}}),
              ElementsAre("a = 1, now gone", "b = 2, now 3", "c was not set, now 4"));
}

}  // namespace
}  // namespace strata
