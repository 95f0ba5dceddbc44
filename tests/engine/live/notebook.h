#pragma once

#include "engine/node/hosted.h"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

/// A protocol for the tests of storage: its disk is the list of the lines that were written.
namespace lightcone::test {

struct Nothing
{
};
BOOST_DESCRIBE_STRUCT(Nothing, (), ())

enum class NotebookTimer : std::uint8_t { None };
BOOST_DESCRIBE_ENUM(NotebookTimer, None)

struct Line
{
    std::string text{};
};
BOOST_DESCRIBE_STRUCT(Line, (), (text))

struct Lines
{
    std::vector<std::string> lines{};
    void apply(const std::variant<Line>& write) { lines.push_back(std::get<0>(write).text); }
};
BOOST_DESCRIBE_STRUCT(Lines, (), (lines))

/// As a later build may have it: the same words, in another order and with others beside them.
struct Word
{
    std::string text{};
};
BOOST_DESCRIBE_STRUCT(Word, (), (text))

namespace later {

struct Line
{
    std::uint32_t page = 7;
    std::string text{};
};
BOOST_DESCRIBE_STRUCT(Line, (), (page, text))

struct Lines
{
    std::uint32_t pages = 0;
    std::vector<std::string> lines{};
    void apply(const std::variant<Word, Line>& write)
    {
        lines.push_back(write.index() == 0 ? std::get<0>(write).text : std::get<1>(write).text);
    }
};
BOOST_DESCRIBE_STRUCT(Lines, (), (pages, lines))

} // namespace later

template <class WriteVariant, class Disk>
class NotebookMachine
{
public:
    using Message = std::variant<Nothing>;
    using Request = std::variant<Nothing>;
    using Reply = Nothing;
    using Write = WriteVariant;
    using Timer = NotebookTimer;
    using Parameters = Nothing;
    using Durable = Disk;

    explicit NotebookMachine(const node::Seat<NotebookMachine>&) { }

    static node::Card card()
    {
        node::Card card;
        card.id = "notebook";
        card.title = "Notebook";
        card.requests.push_back({"nothing", "Nothing.", "nothing", {}, false});
        return card;
    }
    static Result<std::vector<node::Member>> members(const Parameters&)
    {
        return std::vector<node::Member>{{NodeId(1), "n1", ""}};
    }
    static std::vector<std::unique_ptr<node::Invariant>> invariants(const node::SetupPtr&)
    {
        return {};
    }
    void onStart(const node::Moment&, const Durable&, node::Out<NotebookMachine>&) { }
    void onMessage(const node::Moment&, NodeId, const Message&, node::Out<NotebookMachine>&) { }
    void onTimer(const node::Moment&, Timer, node::Out<NotebookMachine>&) { }
    void onRequest(const node::Moment&, RequestId, const Request&, node::Out<NotebookMachine>&) { }

    BOOST_DESCRIBE_CLASS(NotebookMachine, (), (), (), ())
};

using Notebook = NotebookMachine<std::variant<Line>, Lines>;
using LaterNotebook = NotebookMachine<std::variant<Word, later::Line>, later::Lines>;

inline const node::Protocol& notebook()
{
    static const node::Hosted<Notebook> protocol;
    return protocol;
}

inline const node::Protocol& laterNotebook()
{
    static const node::Hosted<LaterNotebook> protocol;
    return protocol;
}

inline node::PayloadPtr line(std::string text)
{
    return node::makePayload(std::variant<Line>(Line{std::move(text)}));
}

inline const std::vector<std::string>& linesOn(const node::Disk& disk)
{
    return node::durableOf<Notebook>(disk).lines;
}

} // namespace lightcone::test
