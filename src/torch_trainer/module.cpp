// What the module shows to the outside: C, and no exception leaves it.
#include <cmath>
#include <cstdio>
#include <exception>
#include <vector>

#include "torch_trainer/network.hpp"
#include "torch_trainer/training.hpp"

namespace {

template <class Work>
int guarded(char* error, std::size_t error_size, const Work& work) {
  try {
    work();
    return 0;
  } catch (const std::exception& e) {
    std::snprintf(error, error_size, "%s", e.what());
  } catch (...) {
    std::snprintf(error, error_size, "unknown failure");
  }
  return 1;
}

}  // namespace

int voltage_patchtst_abi() {
  return VOLTAGE_PATCHTST_ABI;
}

int voltage_patchtst_train(const VoltagePatchTstJob* job, char* error, std::size_t error_size) {
  return guarded(error, error_size, [&] { voltage::torch_trainer::train(*job); });
}

int voltage_patchtst_forward(const voltage::forecast::PatchTstShape* shape, const float* values, const float* rows,
                             std::int64_t bars, const VoltagePatchTstSet* set, const float* lz, std::int64_t moves,
                             double* p, char* error, std::size_t error_size) {
  using namespace voltage::torch_trainer;
  return guarded(error, error_size, [&] {
    std::vector<float> own(values, values + voltage::forecast::patchtst_size(*shape));
    Network network(*shape, own.data());
    const Source source{shape, rows, values};
    constexpr std::int64_t kChunk = 256;
    std::vector<std::uint32_t> members;
    for (std::int64_t from = 0; from < set->windows; from += kChunk) {
      members.clear();
      for (std::int64_t i = from; i < set->windows && i < from + kChunk; ++i) {
        members.push_back(static_cast<std::uint32_t>(i));
      }
      const auto count = static_cast<std::int64_t>(members.size());
      const Batch batch = make_batch(source, *set, members.data(), count, {moves, false, lz}, 0, 0, 0);
      const std::vector<double> some = network.probabilities(batch);
      double* to = p + from * set->queries * moves;
      for (std::int64_t i = 0; i < count; ++i) {
        const bool answer = complete(*shape, rows, bars, set->end_bar[from + i]);
        for (std::int64_t k = i * set->queries * moves; k < (i + 1) * set->queries * moves; ++k) {
          to[k] = answer ? some[static_cast<std::size_t>(k)] : NAN;
        }
      }
    }
  });
}
