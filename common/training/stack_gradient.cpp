#include "training/stack_gradient.hpp"

#include "basics/error.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <string>
#include <utility>

namespace moe {

template<class T>
StackGradient<T>::StackGradient(StackShape shape, std::size_t samples, InstructionSet set)
    : shape_(std::move(shape))
    , kernels_(&training_kernels<T>(set))
    , samples_(samples)
    , identity_(samples) {
    if (samples == 0 || samples > std::numeric_limits<std::uint32_t>::max() / 2)
        throw InputError("a batch of " + std::to_string(samples) +
                         " samples, allowed: 1 to 2147483647");
    std::iota(identity_.begin(), identity_.end(), 0U);
    real_ = SampleMatrix<T>(1, row_stride<T>(samples));
    std::fill_n(real_.row(0), samples, T(1));
    for (std::size_t l = 0; l < shape_.depth(); ++l)
        layers_.emplace_back(shape_, l, samples, *kernels_);
    target_ = AlignedArrayOf<T>(layers_.back().slopes().stride());
}

template<class T>
OrderedSamples<T> StackGradient<T>::input(std::size_t l, const Batch<T>& batch) const {
    if (l > 0) return layers_[l - 1].output();
    const std::size_t columns = (samples_ + pack_lanes<T> - 1) / pack_lanes<T> * pack_lanes<T>;
    return {&batch.inputs(), columns, identity_, real_.row(0)};
}

template<class T>
double StackGradient<T>::forward(std::span<const T> parameters, const Batch<T>& batch) {
    if (parameters.size() != shape_.parameters() || batch.samples() != samples_)
        throw std::invalid_argument("StackGradient: parameters or samples differ in number");
    for (std::size_t l = 0; l < layers_.size(); ++l)
        layers_[l].forward(parameters.data(), input(l, batch));
    const OrderedSamples<T> y = layers_.back().output();
    const T scale = static_cast<T>(2.0 / static_cast<double>(samples_));
    double sum = 0.0;
    for (std::size_t o = 0; o < shape_.outputs(); ++o) {
        const T* const target = batch.targets().row(o);
        for (std::size_t b = 0; b < samples_; ++b)
            target_.data()[y.where[b]] = target[b];
        sum += kernels_->squared_error(y.values->row(o), target_.data(), y.real, scale, y.columns,
                                       layers_.back().slopes().row(o));
    }
    return sum / static_cast<double>(samples_);
}

template<class T>
double StackGradient<T>::loss(std::span<const T> parameters, const Batch<T>& batch) {
    return forward(parameters, batch);
}

template<class T>
double StackGradient<T>::operator()(std::span<const T> parameters, const Batch<T>& batch,
                                    double balance, std::span<T> gradient) {
    if (gradient.size() != parameters.size())
        throw std::invalid_argument("StackGradient: parameters and gradient differ in number");
    const double result = forward(parameters, batch);
    for (std::size_t l = layers_.size(); l-- > 0;) {
        layers_[l].backward(parameters.data(), input(l, batch), static_cast<T>(balance),
                            gradient.data(), l > 0 ? &layers_[l - 1] : nullptr);
        layers_[l].remember_loads();
    }
    return result;
}

template class StackGradient<float>;
template class StackGradient<double>;

} // namespace moe
