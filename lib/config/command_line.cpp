#include "config/command_line.h"

#include "base/error.h"
#include "base/log.h"
#include "config/ini_file.h"
#include "config/nearest.h"
#include "config/version.h"

#include <fmt/format.h>
#include <boost/make_shared.hpp>
#include <boost/program_options.hpp>

#include <algorithm>
#include <cstdio>
#include <sstream>

namespace strata {

namespace {

namespace po = boost::program_options;

constexpr unsigned kHelpColumns = 120;
constexpr const char* kCommon = "Common";

struct Given {
  std::string key, value;
};

// Where a value stands, for messages, and the code that a wrong one gives.
struct Origin {
  std::string where;  // "--optimizer.lr" or "demo.ini:12: optimizer.lr"
  ExitCode code;
};

[[noreturn]] void fail(const Origin& origin, const std::string& what) {
  throw_error(origin.code, fmt::format("{}{}", origin.where, what), ErrorScope::kOneRank);
}

std::string suggestion(std::string_view unknown, const OptionSet& options, std::string_view prefix) {
  const auto nearest = nearest_key(unknown, options.keys());
  return nearest ? fmt::format("; did you mean '{}{}'?", prefix, *nearest) : "; --help lists those there are";
}

bool has_argument(int argc, const char* const* argv, std::string_view name) {
  return std::any_of(argv + 1, argv + argc, [&](const char* argument) { return argument == name; });
}

std::string description_of(const Option& option) {
  std::string text = option.info.effect;
  if (!option.info.unit.empty()) text += fmt::format(" [{}]", option.info.unit);
  return option.default_text.empty() ? text : fmt::format("{} (default {})", text, option.default_text);
}

boost::shared_ptr<po::option_description> described(const Option& option) {
  auto* value = po::value<std::string>()->value_name(option.accepted);
  if (option.is_switch) value->implicit_value("true", "");
  return boost::make_shared<po::option_description>(option.key.c_str(), value, description_of(option).c_str());
}

// What Boost parses and prints: one description per heading.
po::options_description descriptions(const OptionSet& options) {
  po::options_description all("", kHelpColumns);
  std::vector<std::string> groups;
  for (const Option& option : options.options()) {
    if (std::find(groups.begin(), groups.end(), option.group) == groups.end()) groups.push_back(option.group);
  }
  for (const std::string& group : groups) {
    po::options_description part(group, kHelpColumns);
    for (const Option& option : options.options()) {
      if (option.group == group) part.add(described(option));
    }
    if (group == kCommon) {
      part.add_options()("config", po::value<std::string>()->value_name("FILE"),
                         "read options from an INI file; repeatable, later files win")(
          "print-config", "print all options as an INI file and end")("help", "print this and end (also -h)")(
          "version", "print the version and end; with --verbose also those of the libraries");
    }
    all.add(part);
  }
  return all;
}

std::string help_text(const ProgramText& program, const OptionSet& options) {
  std::ostringstream text;
  text << program.name << " - " << program.purpose << "\n\nExample:\n  " << program.example << "\n"
       << descriptions(options)
       << "\nEvery option can stand in a file: '[optimizer] lr = 0.02' is '--optimizer.lr 0.02'. The command line wins over "
          "files, files over defaults.\n";
  return text.str();
}

// Switches may stand alone; so do options like --print-config, which have no value.
std::string value_of(const po::option& given, const OptionSet& options) {
  if (!given.value.empty()) return given.value.front();
  const Option* option = options.find(given.string_key);
  return option && option->is_switch ? "true" : "";
}

std::vector<Given> given_on(int argc, const char* const* argv, const OptionSet& options) {
  const po::options_description known = descriptions(options);
  std::vector<Given> given;
  try {
    // No short options and no abbreviations: what a script writes today means the same when options are added.
    using namespace po::command_line_style;
    constexpr int kStyle = allow_long | long_allow_adjacent | long_allow_next;
    const po::parsed_options parsed = po::command_line_parser(argc, argv).options(known).style(kStyle).run();
    for (const po::option& option : parsed.options) {
      if (option.position_key >= 0)
        throw UsageError(fmt::format("unexpected argument '{}': options begin with --", option.value.at(0)));
      given.push_back({option.string_key, value_of(option, options)});
    }
  } catch (const po::unknown_option& e) {
    std::string name = e.get_option_name();
    name.erase(0, name.find_first_not_of('-'));
    throw UsageError(fmt::format("unknown option '--{}'{}", name, suggestion(name, options, "--")));
  } catch (const po::error& e) {
    throw UsageError(fmt::format("{} (see --help)", e.what()));
  }
  return given;
}

void set(const Option& option, const std::string& text, const Origin& origin) {
  try {
    option.read(text);
  } catch (const BadValue& e) {
    fail(origin, fmt::format(": '{}' is not {}", text, e.what()));
  } catch (const UsageError& e) {
    fail(origin, fmt::format(": {}", e.what()));
  }
}

void apply_file(const std::string& path, const OptionSet& options) {
  for (const IniEntry& entry : read_ini_file(path)) {
    const Origin origin{fmt::format("{}:{}: ", path, entry.line), ExitCode::kConfig};
    const Option* option = options.find(entry.key);
    if (!option) fail(origin, fmt::format("unknown key '{}'{}", entry.key, suggestion(entry.key, options, "")));
    set(*option, entry.value, {origin.where + entry.key, origin.code});
  }
}

void apply_command_line(const std::vector<Given>& given, const OptionSet& options) {
  for (const Given& one : given) {
    if (const Option* option = options.find(one.key)) set(*option, one.value, {"--" + one.key, ExitCode::kUsage});
  }
}

void require_values(const std::vector<std::string>& required, const ProgramText& program, const OptionSet& options) {
  for (const std::string& key : required) {
    const Option& option = *options.find(key);
    if (option.write().empty()) {
      throw UsageError(
          fmt::format("--{} {} is missing: {}. Example:\n  {}", key, option.accepted, option.info.effect, program.example));
    }
  }
}

void add_log_level(OptionSet& options) {
  options.group(kCommon);
  options.add_option({.key = "log-level",
                      .accepted = "debug|info|warning|error",
                      .info = {.effect = "least important lines that are shown"},
                      .read =
                          [](std::string_view text) {
                            LogOptions log = log_options();
                            log.level = parse_log_level(text);
                            configure_log(log);
                          },
                      .write = [] { return std::string(log_level_name(log_options().level)); }});
}

}  // namespace

CommandLine read_options(int argc, const char* const* argv, const ProgramText& program, const std::vector<std::string>& required,
                         OptionSet& options) {
  add_log_level(options);
  if (has_argument(argc, argv, "--help") || has_argument(argc, argv, "-h")) {
    std::fputs(help_text(program, options).c_str(), stdout);
    return CommandLine::kAnswered;
  }
  if (has_argument(argc, argv, "--version")) {
    std::fputs((program.name + " " + (has_argument(argc, argv, "--verbose") ? verbose_version_text() : version_text())).c_str(),
               stdout);
    return CommandLine::kAnswered;
  }
  const std::vector<Given> given = given_on(argc, argv, options);
  for (const Given& one : given) {
    if (one.key == "config") apply_file(one.value, options);
  }
  apply_command_line(given, options);
  if (has_argument(argc, argv, "--print-config")) {
    std::fputs(options.ini_text().c_str(), stdout);
    return CommandLine::kAnswered;
  }
  require_values(required, program, options);
  return CommandLine::kRun;
}

}  // namespace strata
