#include "model/patchtst_train.hpp"

#include <dlfcn.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "forecast/patchtst_rows.hpp"
#include "model/patchtst_abi.h"

namespace voltage::model {
namespace {

constexpr const char* kModule = "libvoltage_torch.so";

// The functions of the module, loaded once for the life of the process: libtorch cannot be unloaded.
struct Module {
  decltype(&voltage_patchtst_train) train{};
  decltype(&voltage_patchtst_forward) forward{};
  std::string fault;  // why there is none
};

Module load_module() {
  Module out;
  std::filesystem::path path;
  if (const char* elsewhere = std::getenv("VOLTAGE_TORCH_MODULE"); elsewhere != nullptr) {
    path = elsewhere;
  } else {
    std::error_code error;
    path = std::filesystem::read_symlink("/proc/self/exe", error).parent_path() / kModule;
  }
  if (!std::filesystem::exists(path)) {
    out.fault = fmt::format("there is no {}: PatchTST cannot be trained here; run tools/setup.sh run", path.string());
    return out;
  }
  // Each half of a batch has its thread; a BLAS with threads of its own would fight them.
  setenv("OPENBLAS_NUM_THREADS", "1", 0);
  void* handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    out.fault = fmt::format("{} does not load ({}): PatchTST cannot be trained here; run tools/setup.sh run", kModule,
                            dlerror());
    return out;
  }
  const auto version = reinterpret_cast<decltype(&voltage_patchtst_abi)>(dlsym(handle, "voltage_patchtst_abi"));
  out.train = reinterpret_cast<decltype(out.train)>(dlsym(handle, "voltage_patchtst_train"));
  out.forward = reinterpret_cast<decltype(out.forward)>(dlsym(handle, "voltage_patchtst_forward"));
  if (version == nullptr || version() != VOLTAGE_PATCHTST_ABI || out.train == nullptr || out.forward == nullptr) {
    out.fault = fmt::format("{} belongs to another build of voltage: build both again", path.string());
  }
  return out;
}

const Module& module() {
  static const Module loaded = load_module();
  return loaded;
}

Result<std::string> read_whole(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail(fmt::format("{}: cannot be opened: {}", path, std::strerror(errno)));
  std::ostringstream bytes;
  bytes << in.rdbuf();
  if (in.bad()) return fail(fmt::format("{}: cannot be read", path));
  return std::move(bytes).str();
}

Status write_whole(const std::string& path, std::string_view bytes) {
  const std::string temporary = fmt::format("{}.{}.tmp", path, getpid());
  std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  out.close();
  std::error_code error;
  if (out) std::filesystem::rename(temporary, path, error);
  if (!out || error) {
    std::error_code ignored;
    std::filesystem::remove(temporary, ignored);
    return fail(fmt::format("{}: cannot be written: {}", path, error ? error.message() : std::strerror(errno)));
  }
  return {};
}

// Empty if the examples fit the options; else what is wrong.
std::string examples_fault(const char* name, const PatchTstExamples& e, std::size_t context) {
  const std::size_t questions = e.size() * e.queries;
  if (e.queries < 1 || e.size() == 0) return fmt::format("{} examples: none", name);
  if (e.shared > context || e.shared_context.size() != e.size() * e.shared) {
    return fmt::format("{} examples: shared_context has a wrong size", name);
  }
  if (e.context.size() != questions * (context - e.shared))
    return fmt::format("{} examples: context has a wrong size", name);
  if (e.outcome.size() != questions) return fmt::format("{} examples: outcome has a wrong size", name);
  if (!e.weight.empty() && e.weight.size() != questions)
    return fmt::format("{} examples: weight has a wrong size", name);
  return {};
}

VoltagePatchTstSet view(const PatchTstExamples& e) {
  return {.windows = static_cast<std::int64_t>(e.size()),
          .queries = static_cast<std::int64_t>(e.queries),
          .end_bar = e.end_bar.data(),
          .shared = static_cast<std::int64_t>(e.shared),
          .shared_context = e.shared_context.data(),
          .context = e.context.data(),
          .outcome = e.outcome.data(),
          .weight = e.weight.empty() ? nullptr : e.weight.data()};
}

// Mean and standard deviation of a column of `values`, over what is there.
void put_statistics(const std::vector<float>& values, std::size_t column, std::size_t columns, std::size_t from,
                    std::size_t to, float& mean, float& sd) {
  double n = 0;
  double sum = 0;
  double squares = 0;
  for (std::size_t i = from; i < to; ++i) {
    const auto v = static_cast<double>(values[i * columns + column]);
    if (!std::isfinite(v)) continue;
    ++n;
    sum += v;
    squares += v * v;
  }
  const double average = n > 0 ? sum / n : 0;
  const double variance = n > 0 ? squares / n - average * average : 0;
  mean = static_cast<float>(average);
  // A constant column carries nothing; dividing by one leaves it at zero.
  sd = variance > 1e-12 ? static_cast<float>(std::sqrt(variance)) : 1.0F;
}

// Series over the bars from the first to the last training window, context over all training questions.
std::vector<float> statistics(const std::vector<float>& rows, const PatchTstExamples& train,
                              const forecast::PatchTstShape& shape) {
  const auto series = static_cast<std::size_t>(shape.series());
  const auto context = static_cast<std::size_t>(shape.context);
  std::size_t from = rows.size() / series;
  std::size_t to = 0;
  for (const std::uint32_t end : train.end_bar) {
    const auto window = static_cast<std::size_t>(shape.window);
    from = std::min(from, end + 1 >= window ? end + 1 - window : 0);
    to = std::max<std::size_t>(to, end + 1);
  }
  std::vector<float> out(2 * (series + context));
  for (std::size_t c = 0; c < series; ++c) put_statistics(rows, c, series, from, to, out[c], out[series + c]);
  for (std::size_t c = 0; c < context; ++c) {
    float& mean = out[2 * series + c];
    float& sd = out[2 * series + context + c];
    if (c < train.shared) {
      put_statistics(train.shared_context, c, train.shared, 0, train.size(), mean, sd);
    } else {
      put_statistics(train.context, c - train.shared, context - train.shared, 0, train.size() * train.queries, mean,
                     sd);
    }
  }
  return out;
}

// What the module calls back into.
struct Run {
  const PatchTstTraining* options{};
  std::vector<float> values;
  std::vector<PatchTstLossPoint> curve;
  double best{};
  bool time_bound{};
  bool early{};
  std::string fault;
};

int on_progress(void* user, const VoltagePatchTstReport* r) {
  const auto* run = static_cast<Run*>(user);
  if (!run->options->progress) return 0;
  return run->options->progress({r->step, r->steps, r->train_loss, r->valid_loss, r->seconds}) ? 0 : 1;
}

int on_checkpoint(void* user, const void* bytes, std::size_t size) {
  auto* run = static_cast<Run*>(user);
  const auto written = write_whole(run->options->checkpoint, {static_cast<const char*>(bytes), size});
  if (!written) run->fault = written.error().message;
  return written ? 0 : 1;
}

void on_point(void* user, std::int64_t step, double train, double valid) {
  static_cast<Run*>(user)->curve.push_back({step, train, valid});
}

void on_result(void* user, const float* values, std::size_t size, double best, int time_bound, int early) {
  auto* run = static_cast<Run*>(user);
  run->values.assign(values, values + size);
  run->best = best;
  run->time_bound = time_bound != 0;
  run->early = early != 0;
}

VoltagePatchTstJob make_job(const std::vector<float>& rows, const PatchTstExamples& train,
                            const PatchTstExamples& valid, const PatchTstTraining& o,
                            const forecast::PatchTstShape& shape, Run& run) {
  VoltagePatchTstJob job{};
  job.shape = shape;
  job.rows = rows.data();
  job.bars = static_cast<std::int64_t>(rows.size()) / shape.series();
  job.train = view(train);
  job.valid = view(valid);
  job.seed = o.seed;
  job.steps = o.steps;
  job.batch = o.batch;
  job.learning_rate = o.learning_rate;
  job.weight_decay = o.weight_decay;
  job.blank = o.blank;
  job.dropout = o.dropout;
  job.valid_every = o.valid_every;
  job.patience = o.patience;
  job.max_seconds = o.max_seconds;
  job.user = &run;
  job.progress = on_progress;
  job.checkpoint = o.checkpoint.empty() ? nullptr : on_checkpoint;
  job.point = on_point;
  job.result = on_result;
  return job;
}

}  // namespace

std::string patchtst_trainer_fault() {
  return module().fault;
}

Result<TrainedPatchTst> train_patchtst(const std::vector<float>& rows, const PatchTstExamples& train,
                                       const PatchTstExamples& valid, const PatchTstTraining& options) {
  if (const auto& fault = module().fault; !fault.empty()) return fail(fault);
  forecast::PatchTstCard card{options.shape, forecast::patchtst_series_names(), options.context_names};
  card.shape.context = static_cast<std::int32_t>(options.context_names.size());
  if (const auto fault = patchtst_shape_fault(card.shape); !fault.empty()) return fail("PatchTST: " + fault);
  if (static_cast<std::size_t>(card.shape.series()) != card.series.size()) {
    return fail(
        fmt::format("PatchTST: groups of {} series in all, but there are {}", card.shape.series(), card.series.size()));
  }
  for (const auto& [name, set] : {std::pair{"training", &train}, std::pair{"validation", &valid}}) {
    if (const auto fault = examples_fault(name, *set, options.context_names.size()); !fault.empty()) {
      return fail("PatchTST: " + fault);
    }
  }
  Run run;
  run.options = &options;
  auto job = make_job(rows, train, valid, options, card.shape, run);
  const auto stats = statistics(rows, train, card.shape);
  job.statistics = stats.data();
  std::string resume;
  if (!options.checkpoint.empty() && std::filesystem::exists(options.checkpoint)) {
    auto bytes = read_whole(options.checkpoint);
    if (!bytes) return tl::unexpected(bytes.error());
    resume = *std::move(bytes);
    job.resume = resume.data();
    job.resume_size = resume.size();
  }
  std::array<char, 512> error{};
  if (module().train(&job, error.data(), error.size()) != 0) {
    return fail(fmt::format("PatchTST training: {}", run.fault.empty() ? error.data() : run.fault));
  }
  auto network = forecast::PatchTst::make(std::move(card), std::move(run.values));
  if (!network) return tl::unexpected(network.error());
  if (!options.checkpoint.empty()) std::filesystem::remove(options.checkpoint);
  return TrainedPatchTst{*std::move(network), std::move(run.curve), run.best, run.time_bound, run.early};
}

Status save_patchtst(const forecast::PatchTst& network, const std::string& path) {
  return write_whole(path, network.serialize());
}

Result<forecast::PatchTst> load_patchtst(const std::string& path) {
  auto bytes = read_whole(path);
  if (!bytes) return tl::unexpected(bytes.error());
  auto network = forecast::PatchTst::parse(*bytes);
  if (!network) return fail(fmt::format("{}: {}", path, network.error().message));
  return network;
}

Result<std::vector<double>> torch_probabilities(const forecast::PatchTst& network, const std::vector<float>& rows,
                                                const PatchTstExamples& examples, const std::vector<float>& lz) {
  if (const auto& fault = module().fault; !fault.empty()) return fail(fault);
  const auto& shape = network.shape();
  if (const auto fault = examples_fault("given", examples, network.card().context.size()); !fault.empty()) {
    return fail(fault);
  }
  const auto set = view(examples);
  std::vector<double> p(examples.size() * examples.queries * lz.size());
  std::array<char, 512> error{};
  if (module().forward(&shape, network.values().data(), rows.data(),
                       static_cast<std::int64_t>(rows.size()) / shape.series(), &set, lz.data(),
                       static_cast<std::int64_t>(lz.size()), p.data(), error.data(), error.size()) != 0) {
    return fail(error.data());
  }
  return p;
}

}  // namespace voltage::model
