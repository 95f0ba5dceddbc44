#include "engine/describe/from_value.h"

#include <utility>

namespace lightcone::describe::detail {

Misfit::Misfit(std::string expected)
    : m_expected(std::move(expected))
{
}

Misfit::~Misfit() = default;

void Misfit::in(std::string_view step)
{
    m_path = m_path.empty() ? std::string(step) : std::string(step) + "." + m_path;
}

Error Misfit::error() const
{
    return fail((m_path.empty() ? std::string{} : m_path + ": ") + "expected " + m_expected);
}

MisfitPtr misfit(std::string expected)
{
    return std::make_unique<Misfit>(std::move(expected));
}

MisfitPtr misfitUnless(bool fits, const char* expected)
{
    return fits ? nullptr : misfit(expected);
}

MisfitPtr misfitOfRange(std::string least, std::string most)
{
    return misfit("a whole number from " + std::move(least) + " to " + std::move(most));
}

MisfitPtr misfitOfKind(std::string_view found)
{
    return misfit("a known kind, found '" + std::string(found) + "'");
}

const Value* fieldOf(const Value& record, const char* member)
{
    return record.find(memberName(member));
}

} // namespace lightcone::describe::detail
