#include "engine/core/dice.h"
#include "tests/engine/describe/samples.h"

#include <gtest/gtest.h>

namespace lightcone::describe::samples {
namespace {

template <class Item>
struct Page
{
    Item item{};
};
BOOST_DESCRIBE_STRUCT(Page<Put>, (), (item))

template <class Item>
struct Outer
{
    struct Inner
    {
        Item item{};
    };
    enum class Mode { On };
};

template <int Size>
struct Fixed
{
};

TEST(TypeName, IsTheSameFromEveryCompiler)
{
    struct Local
    {
    };
    EXPECT_EQ(typeName<Vote>(), "Vote");
    EXPECT_EQ(typeName<Role>(), "Role");
    EXPECT_EQ(typeName<Local>(), "Local");
    EXPECT_EQ(typeName<Page<Put>>(), "Page<Put>");
    EXPECT_EQ((typeName<Page<Page<Vote>>>()), "Page<Page<Vote>>");
    EXPECT_EQ(typeName<Outer<Put>::Inner>(), "Inner");
    EXPECT_EQ(typeName<Outer<Put>::Mode>(), "Mode");
    EXPECT_EQ(typeName<Fixed<3>>(), "Fixed");
    EXPECT_EQ(typeName<std::uint64_t>(), "UInt64");
    EXPECT_EQ(typeName<long long>(), "Int64");
    EXPECT_EQ(typeName<std::int8_t>(), "Int8");
    EXPECT_EQ(typeName<bool>(), "Bool");
    EXPECT_EQ(typeName<double>(), "Real");
    EXPECT_EQ(typeName<std::string>(), "Text");
    EXPECT_EQ(typeName<Duration>(), "Duration");
    EXPECT_EQ(typeName<Instant>(), "Instant");
    EXPECT_EQ(typeName<NodeId>(), "Node");
    EXPECT_EQ((typeName<std::vector<std::string>>()), "vector<Text>");
    EXPECT_EQ((typeName<std::map<int, Vote>>()), "map<Int32,Vote>");
    EXPECT_EQ(typeName<Operation>(), "variant<Put,Get,Swap>");
}

TEST(Shape, ListsMembersFacetsAndTones)
{
    const auto& vote = *shapeOf<Vote>();
    EXPECT_EQ(vote.kind, ShapeKind::Record);
    EXPECT_EQ(vote.name, "Vote");
    ASSERT_EQ(vote.fields.size(), 2U);
    EXPECT_EQ(vote.fields[0].name, "term");
    EXPECT_EQ(vote.fields[0].facet, Facet::Epoch);
    EXPECT_EQ(vote.fieldIndex("granted"), 1U);
    EXPECT_EQ(vote.fieldIndex("nothing"), std::nullopt);
    EXPECT_EQ(vote.fieldWith(Facet::Epoch), 0U);
    EXPECT_EQ(vote.fieldWith(Facet::Role), std::nullopt);

    const auto& role = *shapeOf<Role>();
    ASSERT_EQ(role.enumerators.size(), 3U);
    EXPECT_EQ(role.enumerators[1].name, "preCandidate");
    EXPECT_EQ(role.enumerators[1].tone, Tone::Neutral);
    EXPECT_EQ(role.enumerators[2].tone, Tone::Strong);

    EXPECT_EQ(shapeOf<Message>()->fields[2].name, "Append");
    EXPECT_EQ(shapeOf<Everything>()->fields.back().name, "secret");
    EXPECT_EQ(toText(Facet::WaitingFor), "waitingFor");
    EXPECT_EQ(toText(Facet::KeySpace), "keySpace");
    EXPECT_EQ(toText(Facet::Share), "share");
    EXPECT_EQ(toText(Facet::Store), "store");
    EXPECT_EQ(toText(Facet::Order), "order");
    EXPECT_EQ(toText(Tone::Strong), "strong");
}

TEST(Shape, HasAFingerprintOfEverythingItSays)
{
    const auto print = [](auto change) {
        auto shape = *shapeOf<Vote>();
        change(shape);
        return fingerprint(shape);
    };
    const auto same = fingerprint(*shapeOf<Vote>());
    EXPECT_EQ(print([](Shape&) {}), same);
    EXPECT_NE(print([](Shape& s) { s.name = "Veto"; }), same);
    EXPECT_NE(print([](Shape& s) { s.tone = Tone::Bad; }), same);
    EXPECT_NE(print([](Shape& s) { s.fields[0].name = "epoch"; }), same);
    EXPECT_NE(print([](Shape& s) { s.fields[0].facet = Facet::None; }), same);
    EXPECT_NE(print([](Shape& s) { s.fields[0].shape = shapeOf<Put>(); }), same);
    EXPECT_NE(print([](Shape& s) { std::swap(s.fields[0], s.fields[1]); }), same);
    EXPECT_NE(print([](Shape& s) { s.fields.pop_back(); }), same);
    auto role = *shapeOf<Role>();
    role.enumerators[0].tone = Tone::Bad;
    EXPECT_NE(fingerprint(role), fingerprint(*shapeOf<Role>()));
    EXPECT_NE(fingerprint(*shapeOf<std::vector<int>>()), fingerprint(*shapeOf<std::set<int>>()));
}

TEST(ShapeTable, KeepsEachShapeOnce)
{
    ShapeTable table;
    const auto everything = table.add(shapeOf<Everything>());
    const auto size = table.shapes().size();
    EXPECT_EQ(table.add(shapeOf<Everything>()), everything);
    EXPECT_EQ(table.at(table.add(shapeOf<Entry>())), shapeOf<Entry>());
    EXPECT_EQ(table.shapes().size(), size) << "Entry is part of Everything";
    EXPECT_EQ(table.add(std::make_shared<Shape>(*shapeOf<Vote>())), table.add(shapeOf<Vote>()));
    EXPECT_EQ(table.at(size), nullptr);
    EXPECT_EQ(table.at(UINT64_MAX), nullptr);
}

TEST(ShapeTable, ComesBackFromBytes)
{
    ShapeTable table;
    const auto everything = table.add(shapeOf<Everything>());
    const auto bytes = table.encode();
    const auto back = ShapeTable::decode(bytes);
    ASSERT_TRUE(back) << back.error().text();
    ASSERT_EQ(back->shapes().size(), table.shapes().size());
    for (std::size_t i = 0; i < table.shapes().size(); ++i) {
        EXPECT_EQ(fingerprint(*back->at(i)), fingerprint(*table.at(i)));
    }
    EXPECT_EQ(back->encode(), bytes);

    // A build that never heard of the type reads its values, and adds to the table it read.
    const auto value = decodeValue(back->at(everything), toBytes(filled()));
    ASSERT_TRUE(value);
    EXPECT_EQ(toText(*value), toText(toValue(filled())));
    EXPECT_EQ(toBytes(*fromValue<Everything>(*value)), toBytes(filled()));
    auto grown = *back;
    EXPECT_EQ(grown.add(shapeOf<Everything>()), everything);
    grown.add(shapeOf<Page<Put>>());
    EXPECT_EQ(grown.shapes().size(), table.shapes().size() + 1);
}

/// What is read, however wrong, can be used: unfolded, printed, written.
void useAll(const ShapeTable& table)
{
    for (const auto& shape : table.shapes()) {
        const auto value = zero(shape);
        (void)toText(value);
        (void)brief(value);
        (void)fingerprint(*shape);
        (void)parse(shape, "x");
    }
    EXPECT_TRUE(ShapeTable::decode(table.encode()));
}

TEST(ShapeTable, SurvivesBytesCutAnywhereAndEveryFlippedBit)
{
    ShapeTable table;
    table.add(shapeOf<Everything>());
    const auto bytes = table.encode();
    for (std::size_t length = 0; length < bytes.size(); ++length) {
        ASSERT_FALSE(ShapeTable::decode(bytes.substr(0, length))) << length;
    }
    EXPECT_FALSE(ShapeTable::decode(bytes + "x"));
    int read = 0;
    for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
        auto flipped = bytes;
        flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
        if (const auto back = ShapeTable::decode(flipped)) {
            useAll(*back);
            ++read;
        }
    }
    EXPECT_GT(read, 0) << "a wrong letter in a name is still a table";
}

/// Writes table bytes by hand, one row a shape.
class HostileTable
{
public:
    HostileTable& row(ShapeKind kind, std::vector<std::uint64_t> fields, int children = 0,
                      std::uint64_t child = 0)
    {
        ++m_rows;
        m_writer.byte(static_cast<std::uint8_t>(kind));
        m_writer.text("");
        m_writer.byte(0);
        m_writer.varint(fields.size());
        for (const auto field : fields) {
            m_writer.text("");
            m_writer.byte(0);
            m_writer.varint(field);
        }
        m_writer.varint(0);
        for (int i = 0; i < children; ++i) {
            m_writer.varint(child);
        }
        return *this;
    }

    [[nodiscard]] Result<ShapeTable> decode() const
    {
        Bytes all;
        ByteWriter writer(all);
        writer.varint(m_rows);
        return ShapeTable::decode(all + m_bytes);
    }

private:
    Bytes m_bytes;
    ByteWriter m_writer{m_bytes};
    std::uint64_t m_rows = 0;
};

TEST(ShapeTable, RefusesShapesThatReferToThemselvesOrLater)
{
    EXPECT_FALSE(HostileTable().row(ShapeKind::Record, {0}).decode());
    EXPECT_FALSE(HostileTable().row(ShapeKind::List, {}, 1, 0).decode());
    EXPECT_FALSE(HostileTable().row(ShapeKind::Record, {1}).row(ShapeKind::Bool, {}).decode());
    EXPECT_FALSE(HostileTable().row(static_cast<ShapeKind>(16), {}).decode());
    EXPECT_TRUE(HostileTable().row(ShapeKind::Bool, {}).row(ShapeKind::Record, {0, 0}).decode());
}

TEST(ShapeTable, RefusesATypeThatUnfoldsWithoutBound)
{
    HostileTable doubling;
    doubling.row(ShapeKind::Record, {});
    for (std::uint64_t i = 0; i < 60; ++i) {
        doubling.row(ShapeKind::Record, {i, i});
    }
    const auto table = doubling.decode();
    ASSERT_FALSE(table);
    EXPECT_NE(table.error().message.find("10,000 parts"), std::string::npos);

    HostileTable deep;
    deep.row(ShapeKind::Bool, {});
    for (std::uint64_t i = 0; i < 64; ++i) {
        deep.row(ShapeKind::Optional, {}, 1, i);
    }
    EXPECT_FALSE(deep.decode());
}

TEST(ShapeTable, RefusesACountThatCannotBeTrue)
{
    EXPECT_FALSE(ShapeTable::decode("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"));
    EXPECT_FALSE(ShapeTable::decode(""));
    const auto empty = ShapeTable::decode(BytesView("\0", 1));
    ASSERT_TRUE(empty);
    EXPECT_TRUE(empty->shapes().empty());
}

TEST(DecodeValue, BoundsValuesThatTakeNoBytes)
{
    // Lists of lists of nothing: without a bound n bytes would make n² / 4 values.
    const auto table = HostileTable()
                           .row(ShapeKind::Record, {})
                           .row(ShapeKind::List, {}, 1, 0)
                           .row(ShapeKind::List, {}, 1, 1)
                           .decode();
    ASSERT_TRUE(table);
    constexpr std::size_t lists = 20'000;
    Bytes bytes;
    ByteWriter writer(bytes);
    writer.varint(lists);
    for (std::size_t i = 0; i < lists; ++i) {
        writer.varint((lists - i) / 2);
    }
    EXPECT_FALSE(decodeValue(table->at(2), bytes));
}

} // namespace
} // namespace lightcone::describe::samples
