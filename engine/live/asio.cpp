// Boost.Asio once for the whole house: everybody else sees declarations only
// (BOOST_ASIO_SEPARATE_COMPILATION comes with this room's target).
#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
