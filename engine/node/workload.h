#pragma once

#include "engine/core/dice.h"
#include "engine/core/error.h"
#include "engine/core/zipf.h"
#include "engine/node/protocol.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

/// What many clients ask of a protocol of which nothing is known but its card.
namespace lightcone::node {

/// When a load's operations begin.
enum class Loop : std::uint8_t {
    Closed, ///< each client's next when its last has ended and its interval is over
    Even, ///< one in each interval, whatever becomes of them
    Poisson, ///< at random, in the mean one in each interval, whatever becomes of them
};

/// Which of the keys is next.
struct KeyChoice
{
    enum class Kind : std::uint8_t {
        Uniform, ///< each as often as any other
        Zipf, ///< the i-th proportional to 1 / i^skew
        Hot, ///< the first hotKeys of all keys get hotShare of the requests
    };
    Kind kind = Kind::Uniform;
    double skew = 0.99; ///< of Zipf, from 0 to 10
    double hotKeys = 0.1; ///< of Hot, from 0 to 1; at least one key
    double hotShare = 0.9; ///< of Hot, from 0 to 1
    friend bool operator==(const KeyChoice&, const KeyChoice&) = default;
};

/// A request of a mix, and how often it comes beside the others.
struct RequestShare
{
    describe::Value sample; ///< a value of the card's request shape, to be filled in
    double weight = 1;
};

struct WorkloadPlan
{
    std::vector<RequestShare> mix; ///< at least one
    std::uint64_t keys = 5;
    KeyChoice choice{};
    std::string keyPrefix = "k"; ///< of keys that are texts
    std::size_t length = 0; ///< of contents that are texts: at least so many characters
    Dice dice{};
};

/// Deals out requests by number, from 0: kinds by the shares of the mix; what carries Facet::Key by
/// the choice of keys, different ones within one request; what carries Facet::Content different
/// each time. The rest stays as in the sample. Immutable.
class Workload
{
public:
    /// The error: the protocol does not take a request of the mix.
    static Result<std::shared_ptr<const Workload>> make(const Protocol&, WorkloadPlan);

    /// The same for the same number, whatever was asked before.
    [[nodiscard]] PayloadPtr body(std::uint64_t number) const;

    [[nodiscard]] const std::vector<RequestShare>& mix() const { return m_plan.mix; }

private:
    class Filling;

    Workload(const Protocol&, WorkloadPlan);
    [[nodiscard]] const RequestShare& choose(Dice&) const;
    [[nodiscard]] Result<PayloadPtr> fill(const RequestShare&, std::uint64_t number, Dice&) const;
    [[nodiscard]] std::uint64_t keyOf(Dice&) const;

    /// The first ones come one after the other from the same dice; later ones have dice of their
    /// own, so that any of them is there at once.
    static constexpr std::uint64_t early = 1024;

    const Protocol* m_protocol;
    WorkloadPlan m_plan;
    double m_weights = 0;
    std::uint64_t m_hot = 1; ///< how many keys are hot
    Zipf m_zipf;
    std::vector<PayloadPtr> m_early;
};

using WorkloadPtr = std::shared_ptr<const Workload>;

} // namespace lightcone::node
