#include "torch_trainer/checkpoint.hpp"

#include <cstring>
#include <stdexcept>
#include <type_traits>

namespace voltage::torch_trainer {
namespace {

constexpr std::uint64_t kMagic = 0x3150'4b43'5453'5450U;

// FNV-1a over eight bytes at a time: told apart, not protected against an enemy.
std::uint64_t mix(std::uint64_t hash, const void* data, std::size_t size) {
  const char* p = static_cast<const char*>(data);
  for (; size >= 8; size -= 8, p += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, p, 8);
    hash = (hash ^ word) * 0x100000001b3U;
    hash ^= hash >> 29;
  }
  for (; size > 0; --size, ++p) hash = (hash ^ static_cast<unsigned char>(*p)) * 0x100000001b3U;
  return hash;
}

std::uint64_t mix_set(std::uint64_t hash, const VoltagePatchTstSet& set, std::int64_t context) {
  const auto windows = static_cast<std::size_t>(set.windows);
  const auto questions = static_cast<std::size_t>(set.windows * set.queries);
  hash = mix(hash, &set.queries, sizeof set.queries);
  hash = mix(hash, set.end_bar, windows * sizeof(std::uint32_t));
  hash = mix(hash, &set.shared, sizeof set.shared);
  hash = mix(hash, set.shared_context, windows * static_cast<std::size_t>(set.shared) * sizeof(float));
  hash = mix(hash, set.context, questions * static_cast<std::size_t>(context - set.shared) * sizeof(float));
  hash = mix(hash, set.outcome, questions * sizeof(float));
  return set.weight != nullptr ? mix(hash, set.weight, questions * sizeof(float)) : hash;
}

template <class T>
void put(std::vector<char>& out, const T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  const std::size_t at = out.size();
  out.resize(at + sizeof value);
  std::memcpy(out.data() + at, &value, sizeof value);
}

template <class T>
void put(std::vector<char>& out, const std::vector<T>& values) {
  put(out, static_cast<std::uint64_t>(values.size()));
  for (const T& v : values) put(out, v);
}

struct Reader {
  const char* at;
  const char* end;
  template <class T>
  void get(T& value) {
    if (static_cast<std::size_t>(end - at) < sizeof value) throw std::runtime_error("the checkpoint is cut short");
    std::memcpy(&value, at, sizeof value);
    at += sizeof value;
  }
  template <class T>
  void get(std::vector<T>& values) {
    std::uint64_t n = 0;
    get(n);
    if (n > static_cast<std::uint64_t>(end - at) / sizeof(T)) throw std::runtime_error("the checkpoint is cut short");
    values.resize(n);
    for (T& v : values) get(v);
  }
};

template <class Progress, class Visitor>
void each(Progress& p, const Visitor& visit) {
  visit(p.step);
  visit(p.done);
  visit(p.seconds);
  visit(p.best_valid);
  visit(p.worse);
  visit(p.time_bound);
  visit(p.stopped_early);
  visit(p.values);
  visit(p.average);
  visit(p.best);
  visit(p.first_moment);
  visit(p.second_moment);
  visit(p.curve);
}

}  // namespace

std::uint64_t identity(const VoltagePatchTstJob& job) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  hash = mix(hash, &job.shape, sizeof job.shape);
  hash = mix(hash, &job.seed, sizeof job.seed);
  for (const std::int64_t v : {job.bars, job.steps, job.batch, job.valid_every, job.patience}) {
    hash = mix(hash, &v, sizeof v);
  }
  for (const double v : {job.learning_rate, job.weight_decay, job.blank, job.dropout}) hash = mix(hash, &v, sizeof v);
  const auto series = static_cast<std::size_t>(job.shape.series());
  hash = mix(hash, job.rows, static_cast<std::size_t>(job.bars) * series * sizeof(float));
  hash = mix(hash, job.statistics, 2 * (series + static_cast<std::size_t>(job.shape.context)) * sizeof(float));
  hash = mix_set(hash, job.train, job.shape.context);
  return mix_set(hash, job.valid, job.shape.context);
}

std::vector<char> write_checkpoint(const Progress& progress, std::uint64_t identity) {
  std::vector<char> out;
  put(out, kMagic);
  put(out, identity);
  each(progress, [&out](const auto& value) { put(out, value); });
  put(out, mix(kMagic, out.data(), out.size()));
  return out;
}

Progress read_checkpoint(const void* bytes, std::size_t size, std::size_t values, std::uint64_t identity) {
  const char* begin = static_cast<const char*>(bytes);
  if (size < 3 * sizeof(std::uint64_t)) throw std::runtime_error("the checkpoint is cut short");
  Reader in{begin, begin + size - sizeof(std::uint64_t)};
  std::uint64_t check = 0;
  std::memcpy(&check, in.end, sizeof check);
  std::uint64_t magic = 0;
  std::uint64_t whose = 0;
  in.get(magic);
  in.get(whose);
  if (magic != kMagic) throw std::runtime_error("the checkpoint is no checkpoint of a PatchTST training");
  if (check != mix(kMagic, begin, size - sizeof check)) throw std::runtime_error("the checkpoint is damaged");
  if (whose != identity) {
    throw std::runtime_error("the checkpoint belongs to another training (other data or options): remove it");
  }
  Progress out;
  each(out, [&in](auto& value) { in.get(value); });
  for (const auto* v : {&out.values, &out.average, &out.best, &out.first_moment, &out.second_moment}) {
    if (v->size() != values) throw std::runtime_error("the checkpoint is damaged");
  }
  return out;
}

}  // namespace voltage::torch_trainer
