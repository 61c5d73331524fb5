#include "model/bundle_files.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/hash.hpp"
#include "base/time.hpp"
#include "features/schema.hpp"
#include "forecast/patchtst_context.hpp"
#include "forecast/patchtst_rows.hpp"
#include "io/atomic_file.hpp"

namespace voltage::model {
namespace {

namespace fs = std::filesystem;
using forecast::Bundle;
using forecast::CurveTable;
using forecast::kMemberNames;
using forecast::kMembers;
using forecast::kNodes;
using nlohmann::json;

constexpr int kFormat = 3;

json curve_json(const CurveTable& t) {
  if (t.empty()) return nullptr;
  return {{"x0", t.x0()}, {"step", t.step()}, {"rows", t.rows()}};
}

CurveTable curve_of(const json& j) {
  if (j.is_null()) return {};
  auto rows = j.at("rows").get<std::vector<std::vector<double>>>();
  const double step = j.at("step");
  bool sound = step > 0 && rows.size() == kNodes;
  for (const auto& row : rows) sound = sound && row.size() == rows.front().size() && row.size() >= 2;
  if (!sound) throw std::runtime_error("a curve of another shape");
  return {j.at("x0"), step, std::move(rows)};
}

json schema_json() {
  json features = json::array();
  for (const auto& f : features::schema()) {
    features.push_back({{"name", f.name},
                        {"unit", f.unit},
                        {"window_minutes", f.window_minutes},
                        {"warm_up_minutes", f.warm_up_minutes},
                        {"group", static_cast<int>(f.group)}});
  }
  return {{"hash", features::schema_hash()}, {"features", features}};
}

json facts_json(const forecast::BundleFacts& f) {
  return {{"format", kFormat},
          {"schema_hash", f.schema_hash},
          {"data_hash", f.data_hash},
          {"trained_from", format_iso(f.trained_from)},
          {"trained_to", format_iso(f.trained_to)},
          {"held_out_from", format_iso(f.held_out_from)},
          {"expires", format_iso(f.expires)},
          {"seed", f.seed},
          {"is_unbalance", f.is_unbalance}};
}

Time time_of(const json& j, const char* key) {
  const auto t = parse_iso(j.at(key).get<std::string>());
  if (!t) throw std::runtime_error(fmt::format("{} is not a time", key));
  return *t;
}

// patchtst.bin, patchtst_2.bin, …
std::string patchtst_file(std::size_t i) {
  return i == 0 ? "patchtst.bin" : fmt::format("patchtst_{}.bin", i + 1);
}

std::map<std::string, std::string> files_of(const Bundle& b, const std::string& metrics) {
  json curves = json::object();
  for (std::size_t m = 0; m < kMembers; ++m) curves[kMemberNames[m]] = curve_json(b.calibration[m]);
  curves["blend"] = curve_json(b.blend_calibration);
  const auto text = [](const json& j) { return j.dump(1) + "\n"; };
  std::map<std::string, std::string> files{
      {"schema.json", text(schema_json())},
      {"season.json", text({{"quarter_hours_of_new_york_week", b.season.factors()},
                            {"minutes_of_the_hour", b.season.minutes()},
                            {"releases", features::kReleaseNames},
                            {"minutes_since_release", features::kReleaseEdges},
                            {"release_variance_factors", b.season.release_profile()}})},
      {"har.json", text({{"terms",
                          {"constant", "half_log_season_ahead", "log_vol_5m", "log_vol_30m", "log_vol_180m",
                           "log_vol_1440m", "log_vol_10080m"}},
                         {"node_minutes", forecast::kNodeMinutes},
                         {"one_minute_bars", b.scale.har[0]},
                         {"five_minute_bars", b.scale.har[1]},
                         {"log_level", b.scale.log_level},
                         {"law", curve_json(b.law[forecast::kHar])}})},
      {"ewma.json", text({{"one_minute_bars", b.scale.quick[0]},
                          {"five_minute_bars", b.scale.quick[1]},
                          {"law", curve_json(b.law[forecast::kEwma])}})},
      {"lightgbm.txt", b.trees.text()},
      {"calibration.json", text(curves)},
      {"weights.json",
       text({{"members", kMemberNames}, {"node_minutes", forecast::kNodeMinutes}, {"weights", b.weights}})},
      {"metrics.json", (metrics.empty() ? "{}" : metrics) + "\n"}};
  const std::size_t networks = b.patchtst ? b.patchtst->networks().size() : 0;
  for (std::size_t i = 0; i < networks; ++i) files[patchtst_file(i)] = b.patchtst->networks()[i].serialize();
  json manifest = facts_json(b.facts);
  for (const auto& [name, content] : files) manifest["files"][name] = sha256_hex(content);
  files["manifest.json"] = text(manifest);
  return files;
}

// Reads a file of the bundle and proves that it is the one that was written with the manifest.
std::string content_of(const fs::path& directory, const std::string& name, const json& manifest) {
  auto content = io::read_file((directory / name).string());
  if (!content) throw std::runtime_error(content.error().message);
  const std::string expected = manifest.at("files").at(name);
  if (sha256_hex(*content) != expected) {
    throw std::runtime_error(
        fmt::format("{} is not the file that was trained: its hash differs from the manifest's", name));
  }
  return std::move(*content);
}

Status replace_directory(const fs::path& from, const fs::path& to) {
  std::error_code error;
  const fs::path old = to.string() + ".old";
  if (fs::exists(to)) {
    if (!fs::is_empty(to) && !fs::exists(to / "manifest.json")) {
      return fail(fmt::format("{} is there and is no model bundle: name another --out", to.string()));
    }
    fs::remove_all(old, error);
    fs::rename(to, old, error);
    if (error) return fail(fmt::format("{}: cannot be replaced: {}", to.string(), error.message()));
  }
  fs::rename(from, to, error);
  if (error) return fail(fmt::format("{}: cannot be put in place: {}", to.string(), error.message()));
  fs::remove_all(old, error);
  return {};
}

forecast::PatchTst parse_patchtst(const std::string& name, const std::string& bytes) {
  auto network = forecast::PatchTst::parse(bytes);
  if (!network) throw std::runtime_error(name + ": " + network.error().message);
  if (network->card().context != forecast::patchtst_context_names() ||
      network->card().series != forecast::patchtst_series_names()) {
    throw std::runtime_error(name + " was trained on other inputs than this build has: train again");
  }
  return std::move(*network);
}

std::shared_ptr<const forecast::PatchTstAverage> parse_networks(const fs::path& directory, const json& manifest) {
  std::vector<forecast::PatchTst> networks;
  for (std::size_t i = 0; manifest.at("files").contains(patchtst_file(i)); ++i) {
    const std::string name = patchtst_file(i);
    networks.push_back(parse_patchtst(name, content_of(directory, name, manifest)));
    const auto& a = networks.front().shape();
    const auto& b = networks.back().shape();
    if (a.window != b.window) throw std::runtime_error(name + " reads another window than " + patchtst_file(0));
  }
  return networks.empty() ? nullptr : std::make_shared<const forecast::PatchTstAverage>(std::move(networks));
}

Bundle parse_bundle(const fs::path& directory, const json& manifest) {
  const auto read = [&](const char* name) { return json::parse(content_of(directory, name, manifest)); };
  Bundle b;
  auto& f = b.facts;
  f = {manifest.at("schema_hash"),
       manifest.at("data_hash"),
       time_of(manifest, "trained_from"),
       time_of(manifest, "trained_to"),
       time_of(manifest, "held_out_from"),
       time_of(manifest, "expires"),
       manifest.at("seed"),
       manifest.at("is_unbalance")};
  const json season = read("season.json");
  const auto factors = season.at("quarter_hours_of_new_york_week").get<std::vector<double>>();
  if (factors.size() != features::kSeasonBins) throw std::runtime_error("season.json has another number of factors");
  b.season = features::Season{factors, season.at("release_variance_factors").get<features::ReleaseProfile>(),
                              season.at("minutes_of_the_hour").get<features::MinuteProfile>()};
  const json har = read("har.json");
  const json ewma = read("ewma.json");
  b.scale.har = {har.at("one_minute_bars"), har.at("five_minute_bars")};
  b.scale.log_level = har.at("log_level");
  b.scale.quick = {ewma.at("one_minute_bars"), ewma.at("five_minute_bars")};
  for (const auto& choice : b.scale.quick) {
    for (const std::size_t k : choice) {
      if (k >= forecast::kQuickChoices) throw std::runtime_error("ewma.json names an average that does not exist");
    }
  }
  b.law = {curve_of(ewma.at("law")), curve_of(har.at("law"))};
  if (b.law[0].empty() || b.law[1].empty()) throw std::runtime_error("a law of moves is missing");
  auto trees = forecast::Trees::parse(content_of(directory, "lightgbm.txt", manifest));
  if (!trees) throw std::runtime_error("lightgbm.txt: " + trees.error().message);
  b.trees = std::move(*trees);
  const auto& schema = features::schema();
  bool same = b.trees.feature_names().size() == schema.size();
  for (std::size_t i = 0; same && i < schema.size(); ++i) same = b.trees.feature_names()[i] == schema[i].name;
  if (!same) throw std::runtime_error("lightgbm.txt was grown on other features than schema.json lists");
  b.patchtst = parse_networks(directory, manifest);
  const json curves = read("calibration.json");
  for (std::size_t m = 0; m < kMembers; ++m) b.calibration[m] = curve_of(curves.at(kMemberNames[m]));
  b.blend_calibration = curve_of(curves.at("blend"));
  b.weights = read("weights.json").at("weights");
  return b;
}

}  // namespace

Status save_bundle(const Bundle& bundle, const std::string& directory, const std::string& metrics) {
  const fs::path to = fs::absolute(directory).lexically_normal();
  const fs::path beside = to.string() + ".partial";
  std::error_code error;
  fs::remove_all(beside, error);
  fs::create_directories(beside, error);
  if (error) return fail(fmt::format("{}: cannot be made: {}", beside.string(), error.message()));
  for (const auto& [name, content] : files_of(bundle, metrics)) {
    if (auto s = io::write_file((beside / name).string(), content); !s) return s;
  }
  auto status = replace_directory(beside, to);
  if (!status) fs::remove_all(beside, error);
  return status;
}

std::string bundle_directory(const std::string& directory) {
  const fs::path current = fs::path{directory} / "current";
  if (fs::exists(fs::path{directory} / "manifest.json") || !fs::exists(current)) return directory;
  std::error_code error;
  const auto resolved = fs::canonical(current, error);
  return error ? directory : resolved.string();
}

Result<std::string> bundle_hash(const std::string& directory) {
  const std::string at = bundle_directory(directory);
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator{at, error}) names.push_back(entry.path().filename().string());
  if (error) return fail(fmt::format("{}: cannot be read: {}", at, error.message()));
  std::sort(names.begin(), names.end());
  Sha256 hash;
  for (const auto& name : names) {
    const auto bytes = io::read_file(at + "/" + name);
    if (!bytes) return tl::unexpected(bytes.error());
    hash.update(name + "\n" + std::to_string(bytes->size()) + "\n");
    hash.update(*bytes);
  }
  return hash.hex().substr(0, 16);
}

Result<Bundle> load_bundle(const std::string& directory) {
  const fs::path at = bundle_directory(directory);
  if (!fs::exists(at / "manifest.json")) {
    return fail(fmt::format("{}: no model bundle there (no manifest.json): train one with voltage train --out {}",
                            directory, directory));
  }
  try {
    const auto text = io::read_file((at / "manifest.json").string());
    if (!text) return fail(text.error().message);
    const json manifest = json::parse(*text);
    const std::string hash = manifest.at("schema_hash");
    if (hash != features::schema_hash()) {
      return fail(
          fmt::format("{}/manifest.json: schema_hash {} is not this build's {}: the features differ, train again",
                      directory, hash, features::schema_hash()));
    }
    if (manifest.at("format") != kFormat) {
      return fail(fmt::format("{}/manifest.json: format {} is not this build's {}: train again", directory,
                              manifest.at("format").dump(), kFormat));
    }
    return parse_bundle(at, manifest);
  } catch (const std::exception& e) {
    return fail(fmt::format("{}: not a sound model bundle: {}", directory, e.what()));
  }
}

}  // namespace voltage::model
