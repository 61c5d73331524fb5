#include "torch_trainer/network.hpp"

#include <ATen/CPUGeneratorImpl.h>
#include <torch/torch.h>

#include <cstring>
#include <map>

#include "torch_trainer/attention.hpp"

namespace voltage::torch_trainer {
namespace {

using forecast::kPatchTstHinges;

struct Attention : torch::autograd::Function<Attention> {
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& qkv,
                               std::int64_t heads) {
    const AttentionShape shape{qkv.size(0), qkv.size(1), qkv.size(2) / 3, heads};
    const torch::Tensor input = qkv.contiguous();
    torch::Tensor out = torch::empty({shape.sequences, shape.tokens, shape.model});
    torch::Tensor share = torch::empty({shape.sequences, heads, shape.tokens, shape.tokens});
    attention_forward(shape, input.data_ptr<float>(), out.data_ptr<float>(), share.data_ptr<float>());
    context->save_for_backward({input, share});
    context->saved_data["heads"] = heads;
    return out;
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const torch::Tensor& qkv = saved[0];
    const AttentionShape shape{qkv.size(0), qkv.size(1), qkv.size(2) / 3, context->saved_data["heads"].toInt()};
    const torch::Tensor by_out = gradients[0].contiguous();
    torch::Tensor by_qkv = torch::empty_like(qkv);
    attention_backward(shape, qkv.data_ptr<float>(), saved[1].data_ptr<float>(), by_out.data_ptr<float>(),
                       by_qkv.data_ptr<float>());
    return {by_qkv, torch::Tensor()};
  }
};

// What is dropped in one pass: the same for a seed, whatever other threads draw.
class Dropout {
 public:
  Dropout(double share, std::uint64_t seed) : share_{share}, generator_{at::detail::createCPUGenerator(seed)} {}
  torch::Tensor operator()(const torch::Tensor& x) {
    if (share_ <= 0) return x;
    return x * mask(x.sizes());
  }
  torch::Tensor mask(at::IntArrayRef sizes) {
    return torch::empty(sizes).bernoulli_(1 - share_, generator_).div_(1 - share_);
  }
  bool on() const { return share_ > 0; }

 private:
  double share_;
  at::Generator generator_;
};

torch::Tensor view_of(const std::vector<float>& values, at::IntArrayRef sizes) {
  return torch::from_blob(const_cast<float*>(values.data()), sizes, torch::kFloat32);
}

}  // namespace

struct Network::Tensors {
  forecast::PatchTstShape shape;
  std::vector<forecast::PatchTstTensor> layout;
  std::vector<torch::Tensor> leaves;  // in the layout's order
  std::map<std::string, torch::Tensor> by_name;

  const torch::Tensor& at(const std::string& name) const { return by_name.at(name); }
  torch::Tensor affine(const torch::Tensor& x, const std::string& name) const {
    return torch::addmm(at(name + "bias"), x, at(name + "weight"));
  }
  torch::Tensor norm(const torch::Tensor& x, const std::string& name) const {
    return torch::layer_norm(x, {shape.model}, at(name + "scale").view({-1}), at(name + "shift").view({-1}), 1e-5);
  }

  // [units·windows][patches·model], unit after unit
  torch::Tensor encode(const Batch& batch) const;
  // Each unit's raw outputs [windows·queries][outputs]
  std::vector<torch::Tensor> head(const Batch& batch, Dropout& dropout) const;
  // ln p and ln (1 − p), [windows·queries][moves]
  std::pair<torch::Tensor, torch::Tensor> log_probabilities(const Batch& batch, Dropout& dropout) const;
  torch::Tensor loss_sum(const Batch& batch, Dropout dropout) const;
};

torch::Tensor Network::Tensors::encode(const Batch& batch) const {
  const std::int64_t patches = shape.patches();
  std::vector<torch::Tensor> units;
  for (std::int32_t u = 0; u < shape.units(); ++u) {
    const torch::Tensor tokens =
        view_of(batch.tokens[static_cast<std::size_t>(u)], {batch.windows * patches, shape.token_inputs(u)});
    units.push_back(affine(tokens, "token." + std::to_string(u) + "."));
  }
  torch::Tensor x = torch::cat(units).view({-1, patches, shape.model}) + at("position");
  x = x.view({-1, shape.model});
  for (std::int32_t l = 0; l < shape.layers; ++l) {
    const std::string p = "layer." + std::to_string(l) + ".";
    const torch::Tensor qkv = affine(norm(x, p + "norm1."), p + "qkv.").view({-1, patches, 3 * shape.model});
    x = x + affine(Attention::apply(qkv, static_cast<std::int64_t>(shape.heads)).view({-1, shape.model}), p + "out.");
    x = x + affine(torch::gelu(affine(norm(x, p + "norm2."), p + "up.")), p + "down.");
  }
  return norm(x, "norm.").view({-1, patches * shape.model});
}

std::vector<torch::Tensor> Network::Tensors::head(const Batch& batch, Dropout& dropout) const {
  const torch::Tensor summary = dropout(encode(batch));
  const torch::Tensor context = view_of(batch.context, {batch.windows * batch.queries, shape.context});
  std::vector<torch::Tensor> out;
  for (std::int32_t u = 0; u < shape.units(); ++u) {
    const std::string p = "head." + std::to_string(u) + ".";
    const torch::Tensor window =
        torch::addmm(at(p + "bias1"), summary.narrow(0, u * batch.windows, batch.windows), at(p + "window.weight"));
    torch::Tensor x = window.unsqueeze(1).expand({batch.windows, batch.queries, shape.head});
    x = x.reshape({-1, shape.head});
    if (shape.context > 0) x = x + torch::mm(context, at(p + "context.weight"));
    x = torch::gelu(x);
    if (dropout.on()) {
      // One mask for all questions of a window: their outcomes overlap, so they must not fill in for each other.
      const torch::Tensor mask = dropout.mask({batch.windows, 1, shape.head});
      x = (x.view({batch.windows, batch.queries, shape.head}) * mask).view({-1, shape.head});
    }
    x = torch::gelu(torch::addmm(at(p + "bias2"), x, at(p + "weight2")));
    out.push_back(torch::addmm(at(p + "bias3"), x, at(p + "weight3")));
  }
  return out;
}

std::pair<torch::Tensor, torch::Tensor> Network::Tensors::log_probabilities(const Batch& batch,
                                                                            Dropout& dropout) const {
  const std::int64_t questions = batch.windows * batch.queries;
  const torch::Tensor lz = view_of(batch.lz, {questions, batch.moves});
  const std::vector<double> all(std::begin(forecast::kPatchTstKnots), std::end(forecast::kPatchTstKnots));
  const torch::Tensor knots = torch::tensor(all, torch::kFloat32);
  const double corner = forecast::kPatchTstCorner;
  const torch::Tensor beyond = lz.unsqueeze(-1) - knots;
  const torch::Tensor hinges =
      torch::where(beyond > corner, beyond, torch::square((beyond + corner).clamp_min(0)) / (4 * corner));
  const torch::Tensor basis = torch::cat({lz.unsqueeze(-1), hinges}, -1);  // [questions][moves][1 + knots]

  const torch::Tensor present = view_of(batch.present, {batch.windows, shape.units()});
  const torch::Tensor silent = ((present - 1) * 1e9).unsqueeze(1).expand({batch.windows, batch.queries, shape.units()});
  std::vector<torch::Tensor> say;
  std::vector<torch::Tensor> logits;
  for (const torch::Tensor& raw : head(batch, dropout)) {
    const torch::Tensor slopes = torch::softplus(raw.narrow(1, 1, 1 + kPatchTstHinges));
    logits.push_back(raw.narrow(1, 0, 1) - (basis * slopes.unsqueeze(1)).sum(-1));
    say.push_back(raw.narrow(1, 2 + kPatchTstHinges, 1));
  }
  const torch::Tensor share =
      torch::log_softmax(torch::cat(say, 1) + silent.reshape({questions, shape.units()}), 1).unsqueeze(1);
  const torch::Tensor logit = torch::stack(logits, -1);  // [questions][moves][units]
  return {torch::logsumexp(share + torch::log_sigmoid(logit), -1),
          torch::logsumexp(share + torch::log_sigmoid(-logit), -1)};
}

torch::Tensor Network::Tensors::loss_sum(const Batch& batch, Dropout dropout) const {
  const std::int64_t questions = batch.windows * batch.queries;
  const auto [log_p, log_q] = log_probabilities(batch, dropout);
  const torch::Tensor label = view_of(batch.label, {questions, batch.moves});
  const torch::Tensor weight = view_of(batch.weight, {questions, 1});
  return -((label * log_p + (1 - label) * log_q) * weight).sum() / batch.moves;
}

Network::Network(const forecast::PatchTstShape& shape, float* values) : tensors_{std::make_unique<Tensors>()} {
  tensors_->shape = shape;
  tensors_->layout = forecast::patchtst_layout(shape);
  for (const auto& t : tensors_->layout) {
    torch::Tensor leaf = torch::from_blob(
        values, {static_cast<std::int64_t>(t.rows), static_cast<std::int64_t>(t.columns)}, torch::kFloat32);
    if (t.trained) leaf.set_requires_grad(true);
    tensors_->leaves.push_back(leaf);
    tensors_->by_name[t.name] = leaf;
    values += t.size();
  }
}

Network::~Network() = default;

namespace {

double weight_of(const Batch& batch) {
  double sum = 0;
  for (const float w : batch.weight) sum += static_cast<double>(w);
  return sum;
}

}  // namespace

Loss Network::loss(const Batch& batch) {
  const torch::InferenceMode inference;
  return {tensors_->loss_sum(batch, Dropout(0, 0)).item<double>(), weight_of(batch)};
}

Loss Network::gradient(const Batch& batch, double dropout, std::uint64_t seed, float* gradient) {
  const torch::Tensor loss = tensors_->loss_sum(batch, Dropout(dropout, seed));
  loss.backward();
  for (std::size_t i = 0; i < tensors_->leaves.size(); ++i) {
    torch::Tensor& leaf = tensors_->leaves[i];
    const std::size_t n = tensors_->layout[i].size();
    const torch::Tensor& g = leaf.mutable_grad();
    if (g.defined()) {
      std::memcpy(gradient, g.contiguous().data_ptr<float>(), n * sizeof(float));
      leaf.mutable_grad().reset();
    } else {
      std::fill_n(gradient, n, 0.0F);
    }
    gradient += n;
  }
  return {loss.item<double>(), weight_of(batch)};
}

std::vector<double> Network::probabilities(const Batch& batch) {
  const torch::InferenceMode inference;
  Dropout none(0, 0);
  const torch::Tensor p = torch::exp(tensors_->log_probabilities(batch, none).first).to(torch::kFloat64).contiguous();
  return {p.data_ptr<double>(), p.data_ptr<double>() + p.numel()};
}

void use_one_thread() {
  at::set_num_threads(1);
}

}  // namespace voltage::torch_trainer
