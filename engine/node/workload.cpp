#include "engine/node/workload.h"

#include "engine/core/check.h"

#include <algorithm>
#include <utility>

namespace lightcone::node {

using describe::Facet;
using describe::ShapeKind;
using describe::Value;

/// One request being filled in.
class Workload::Filling
{
public:
    Filling(const Workload& workload, std::uint64_t number, Dice& dice)
        : m_workload(workload)
        , m_number(number + 1)
        , m_dice(dice)
    {
    }

    /// The value, which stands where a field has that facet. Containers pass the facet on.
    Value filled(const Value& value, Facet facet)
    {
        switch (value.kind()) {
        case ShapeKind::Record:
            return record(value);
        case ShapeKind::Variant:
            return Value::alternative(value.shape(), value.alternativeIndex(),
                                      filled(value.children().front(), facet));
        case ShapeKind::Optional:
            return value.isEmptyOptional() ? value : optional(value, facet);
        case ShapeKind::List:
        case ShapeKind::Set:
            return elements(value, facet);
        case ShapeKind::Map:
            return map(value, facet);
        default:
            break;
        }
        return facet == Facet::Key    ? key(value)
            : facet == Facet::Content ? content(value, m_number)
                                      : value;
    }

private:
    Value record(const Value& value)
    {
        Value::List children;
        children.reserve(value.children().size());
        for (const auto& child : value.children()) {
            children.push_back(filled(child, value.shape()->fields[children.size()].facet));
        }
        return Value::list(value.shape(), std::move(children));
    }

    Value elements(const Value& value, Facet facet)
    {
        auto children = value.children();
        for (auto& each : children) {
            each = filled(each, facet);
        }
        return Value::list(value.shape(), std::move(children));
    }

    /// A map that is about keys maps them to contents.
    Value map(const Value& value, Facet facet)
    {
        auto children = value.children();
        for (std::size_t i = 0; i < children.size(); ++i) {
            const bool mapped = i % 2 == 1;
            const auto inside = facet != Facet::Key ? Facet::None
                : mapped                            ? Facet::Content
                                                    : Facet::Key;
            children[i] = filled(children[i], inside);
        }
        return Value::list(value.shape(), std::move(children));
    }

    /// A content that may be missing is one to compare with: a recent one, which is sometimes
    /// right.
    Value optional(const Value& value, Facet facet)
    {
        const auto& held = value.children().front();
        if (facet != Facet::Content) {
            return Value::some(value.shape(), filled(held, facet));
        }
        const auto recent = std::min(m_number, 2 * m_workload.m_plan.keys);
        return Value::some(value.shape(), content(held, m_number - m_dice.below(recent)));
    }

    Value key(const Value& value)
    {
        if (!isFillable(value)) {
            return value;
        }
        const auto number = newKey();
        return value.kind() == ShapeKind::Text
            ? Value::text(value.shape(), m_workload.m_plan.keyPrefix + std::to_string(number))
            : whole(value, number);
    }

    [[nodiscard]] Value content(const Value& value, std::uint64_t number) const
    {
        if (!isFillable(value)) {
            return value;
        }
        if (value.kind() != ShapeKind::Text) {
            return whole(value, number);
        }
        auto text = std::to_string(number);
        const auto length = m_workload.m_plan.length;
        if (text.size() < length) {
            text.insert(0, length - text.size(), 'v');
        }
        return Value::text(value.shape(), std::move(text));
    }

    static bool isFillable(const Value& value)
    {
        return value.kind() == ShapeKind::Text || value.kind() == ShapeKind::Int
            || value.kind() == ShapeKind::UInt;
    }

    static Value whole(const Value& value, std::uint64_t number)
    {
        return value.kind() == ShapeKind::UInt
            ? Value::unsignedInteger(value.shape(), number)
            : Value::integer(value.shape(), static_cast<std::int64_t>(number));
    }

    /// From 1; not one that this request has already, while there are others.
    std::uint64_t newKey()
    {
        const auto keys = m_workload.m_plan.keys;
        auto number = m_workload.keyOf(m_dice);
        if (m_used.size() < keys) {
            while (std::ranges::find(m_used, number) != m_used.end()) {
                number = number % keys + 1;
            }
        }
        m_used.push_back(number);
        return number;
    }

    const Workload& m_workload;
    std::uint64_t m_number; ///< of its contents
    Dice& m_dice;
    std::vector<std::uint64_t> m_used;
};

Workload::Workload(const Protocol& protocol, WorkloadPlan plan)
    : m_protocol(&protocol)
    , m_plan(std::move(plan))
    , m_zipf(m_plan.keys, m_plan.choice.skew)
{
    check(!m_plan.mix.empty() && m_plan.keys > 0, "a workload of something");
    for (const auto& share : m_plan.mix) {
        m_weights += share.weight;
    }
    const auto hot = m_plan.choice.hotKeys * static_cast<double>(m_plan.keys);
    m_hot = std::clamp<std::uint64_t>(static_cast<std::uint64_t>(hot), 1, m_plan.keys);
}

Result<std::shared_ptr<const Workload>> Workload::make(const Protocol& protocol, WorkloadPlan plan)
{
    const std::shared_ptr<Workload> workload(new Workload(protocol, std::move(plan)));
    for (const auto& share : workload->m_plan.mix) {
        auto dice = workload->m_plan.dice;
        if (auto body = workload->fill(share, early, dice); !body) {
            return body.error();
        }
    }
    auto dice = workload->m_plan.dice;
    for (std::uint64_t number = 0; number < early; ++number) {
        const auto& share = workload->choose(dice);
        auto body = workload->fill(share, number, dice);
        if (!body) {
            return body.error();
        }
        workload->m_early.push_back(std::move(*body));
    }
    return std::shared_ptr<const Workload>(workload);
}

PayloadPtr Workload::body(std::uint64_t number) const
{
    if (number < early) {
        return m_early[number];
    }
    auto dice = m_plan.dice.fork(number);
    const auto& share = choose(dice);
    auto body = fill(share, number, dice);
    check(body.has_value(), "a request that was taken before");
    return *body;
}

const RequestShare& Workload::choose(Dice& dice) const
{
    auto point = dice.unit() * m_weights;
    for (const auto& share : m_plan.mix) {
        point -= share.weight;
        if (point < 0) {
            return share;
        }
    }
    return m_plan.mix.back();
}

Result<PayloadPtr> Workload::fill(const RequestShare& share, std::uint64_t number, Dice& dice) const
{
    return m_protocol->payload(PayloadRole::Request,
                               Filling(*this, number, dice).filled(share.sample, Facet::None));
}

/// From 1.
std::uint64_t Workload::keyOf(Dice& dice) const
{
    switch (m_plan.choice.kind) {
    case KeyChoice::Kind::Uniform:
        break;
    case KeyChoice::Kind::Zipf:
        return m_zipf.next(dice) + 1;
    case KeyChoice::Kind::Hot:
        if (dice.chance(m_plan.choice.hotShare) || m_hot == m_plan.keys) {
            return dice.below(m_hot) + 1;
        }
        return m_hot + dice.below(m_plan.keys - m_hot) + 1;
    }
    return dice.below(m_plan.keys) + 1;
}

} // namespace lightcone::node
