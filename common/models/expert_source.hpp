#pragma once
// Where experts come from: memory, or a file with a residency budget. A consumer holds the
// parameters of an expert only as long as its lease lives, so what is loaded can be counted where
// it is loaded (arXiv:2402.03460: an input needs only the parameters of the one expert that its
// route ends in).

#include "models/architecture.hpp"

#include <cstdint>
#include <span>
#include <utility>

namespace moe {

template<class T>
class ExpertSource;

/// The right to read the P parameters of one expert; gives it back on destruction. Movable, not
/// copyable. Must not outlive its source.
template<class T>
class [[nodiscard]] ExpertLease {
  public:
    /// Made by a source inside acquire(); the source's give_back(expert) is called exactly once.
    ExpertLease(ExpertSource<T>& source, std::uint64_t expert,
                std::span<const T> parameters) noexcept
        : source_(&source)
        , expert_(expert)
        , parameters_(parameters) {}
    ExpertLease(ExpertLease&& other) noexcept
        : source_(std::exchange(other.source_, nullptr))
        , expert_(other.expert_)
        , parameters_(std::exchange(other.parameters_, {})) {}
    ExpertLease& operator=(ExpertLease&& other) noexcept {
        if (this != &other) {
            release();
            source_ = std::exchange(other.source_, nullptr);
            expert_ = other.expert_;
            parameters_ = std::exchange(other.parameters_, {});
        }
        return *this;
    }
    ExpertLease(const ExpertLease&) = delete;
    ExpertLease& operator=(const ExpertLease&) = delete;
    ~ExpertLease() { release(); }

    /// P numbers laid out as the architecture's layers say; empty after release() or a move.
    [[nodiscard]] std::span<const T> parameters() const noexcept { return parameters_; }
    [[nodiscard]] std::uint64_t expert() const noexcept { return expert_; }

    /// Gives the expert back before the lease ends; further calls do nothing.
    void release() noexcept {
        if (source_ == nullptr) return;
        parameters_ = {};
        std::exchange(source_, nullptr)->give_back(expert_);
    }

  private:
    ExpertSource<T>* source_;
    std::uint64_t expert_;
    std::span<const T> parameters_;
};

/// Hands out experts of one architecture by index. acquire() may be called from several threads at
/// once and may block until another thread gives an expert back, so a thread must hold at most one
/// lease at a time.
template<class T>
class ExpertSource {
  public:
    ExpertSource() = default;
    ExpertSource(const ExpertSource&) = delete;
    ExpertSource& operator=(const ExpertSource&) = delete;
    virtual ~ExpertSource() = default;

    [[nodiscard]] virtual const Architecture& architecture() const = 0;
    /// Number of experts L that the source holds; indices are 0..L-1.
    [[nodiscard]] virtual std::uint64_t experts() const = 0;
    /// Throws std::out_of_range naming the index for expert >= experts(), and what the medium may
    /// throw (EnvironmentError, InputError).
    [[nodiscard]] virtual ExpertLease<T> acquire(std::uint64_t expert) = 0;
    /// Where the parameters of an expert stand if they are in memory already; else, or where that
    /// is not known, nothing. For taking such experts first and for asking the processor to load
    /// them ahead: without a lease they must not be read.
    [[nodiscard]] virtual std::span<const T> ahead(std::uint64_t /*expert*/) const noexcept {
        return {};
    }

  private:
    friend class ExpertLease<T>;
    /// One lease of `expert` ended; called from the thread that ended it.
    virtual void give_back(std::uint64_t expert) noexcept = 0;
};

} // namespace moe
