#include "engine/describe/described.h"
#include "engine/query/query.h"

#include <cstddef>
#include <cstdint>

namespace {

struct State
{
    std::uint64_t term = 0;
    std::string text;
};
BOOST_DESCRIBE_STRUCT(State, (), (term, text))

} // namespace

/// Any bytes are a question or an error at a column of it, and a question can be put to a cluster.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace lightcone;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    trace::About about;
    about.card.state = describe::shapeOf<State>();
    about.members.push_back({.id = NodeId(1), .name = "n1", .role = {}});
    trace::ClusterState state;
    state.nodes.resize(1);
    state.nodes[0].id = NodeId(1);
    state.nodes[0].state = describe::toValue(State{});
    const query::RecordedCluster cluster(state);
    for (const auto scope :
         {query::Scope::Events, query::Scope::Cluster, query::Scope::Node, query::Scope::Both}) {
        const auto query = query::Query::parse(text, query::Context::of(about, scope));
        if (!query) {
            check(query.error().column >= 1 && query.error().column <= size + 1,
                  "an error within the text");
        } else if (!query->asksEvents()) {
            (void)query->holdsFor(cluster, 0);
        }
    }
    return 0;
}
