#include "base/error.h"
#include "comm/stop.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <ctime>

namespace strata {
namespace {

TEST(Duration, ReadsWhatSlurmWrites) {
  EXPECT_EQ(parse_duration("1-02:03:04"), 93784);
  EXPECT_EQ(parse_duration("0:05:00"), 300);
  EXPECT_EQ(parse_duration("100:00:00"), 360000);
  EXPECT_EQ(parse_duration("90:30"), 5430);
  EXPECT_EQ(parse_duration("0:59"), 59);
  EXPECT_EQ(parse_duration("45"), 45);
}

TEST(Duration, RefusesEverythingElse) {
  for (const char* text : {"", "1h", "-5", "1:60", "1:00:60", "1-5", "1-1:2", "1:2:3:4", "1::2", "UNLIMITED", " 5", "1-2-3:0:0",
                           "99999999999999999999"}) {
    EXPECT_THROW(parse_duration(text), UsageError) << text;
  }
}

TEST(PointInTime, ReadsUnixSecondsAndIsoText) {
  setenv("TZ", "Europe/Berlin", 1);
  tzset();
  EXPECT_EQ(parse_point_in_time("1700000000"), 1700000000);
  EXPECT_EQ(parse_point_in_time("2023-11-14T22:13:20Z"), 1700000000);
  const bool zones_installed = mktime([] {
                                 static tm winter{};
                                 winter.tm_year = 123;
                                 winter.tm_mday = 1;
                                 return &winter;
                               }()) == 1672527600;
  if (zones_installed) {
    EXPECT_EQ(parse_point_in_time("2023-11-14T23:13:20"), 1700000000);  // local: one hour before UTC in winter
  }
  EXPECT_THROW(parse_point_in_time("tomorrow"), UsageError);
  EXPECT_THROW(parse_point_in_time("2023-11-14"), UsageError);
}

}  // namespace
}  // namespace strata
