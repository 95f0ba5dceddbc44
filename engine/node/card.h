#pragma once

#include "engine/core/ids.h"
#include "engine/describe/value.h"

#include <string>
#include <vector>

namespace lightcone::node {

/// How the nodes of a protocol are best laid out.
enum class Layout : std::uint8_t {
    Ring, ///< equals around a circle
    Tiers, ///< columns from left to right by Member::tier (clients, balancers, backends; a chain)
};

struct ParameterCard
{
    std::string name;
    std::string text; ///< one sentence, with the unit and the range
    describe::Value byDefault; ///< carries its shape
    std::string live{}; ///< what suits real nodes better than the default, which is to be looked at
};

struct RequestCard
{
    std::string name; ///< as a scenario writes it: "put"
    std::string text;
    std::string sample; ///< "put x 1"
    describe::Value byDefault; ///< a record with the fields to be filled in
    bool readOnly = false;
};

struct InvariantCard
{
    std::string name; ///< "election safety"
    std::string text; ///< what always holds
    std::string source; ///< who promises it: "Ongaro and Ousterhout 2014, figure 3"

    /// Takes what is seen for a fault where what was done before is not known, so that whoever
    /// missed a part of a run cannot judge it any more.
    bool needsWholeRun = false;
};

struct MistakeCard
{
    std::string name; ///< as mistake=NAME takes it: "forgetsVote"
    std::string text;
    std::string caughtBy; ///< the invariant's name
};

struct RoleCard
{
    std::string name;
    std::string text;
};

/// What a protocol says of itself: data only, all that a view, a help text or a file needs to
/// present it.
struct Card
{
    std::string id; ///< "raft": its folder's name
    std::string title; ///< "Raft"
    std::string family; ///< "Consensus", "Transactions", "Storage", "Traffic"
    std::string summary; ///< one sentence
    std::vector<std::string> sources;
    std::vector<RoleCard> roles;
    Layout layout = Layout::Ring;
    std::vector<ParameterCard> parameters;
    std::vector<RequestCard> requests;
    std::vector<InvariantCard> invariants;
    std::vector<MistakeCard> mistakes;
    std::vector<std::string> timers; ///< names by TimerId::kind
    describe::ShapePtr state;
    describe::ShapePtr message;
    describe::ShapePtr request;
    describe::ShapePtr reply;
    describe::ShapePtr write;
};

/// One node of a cluster.
struct Member
{
    NodeId id;
    std::string name; ///< "n1", "balancer"
    std::string role; ///< the part it plays from the start, where roles are given: "coordinator";
                      ///< else empty
    std::uint32_t tier = 0; ///< its column under Layout::Tiers
    bool takesRequests = true; ///< whether clients may ask it
    bool spare = false; ///< stands by, not started until somebody starts it
};

} // namespace lightcone::node
