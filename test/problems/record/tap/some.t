use strict;
use warnings;
use Test::More tests => 6;

ok(1, 'error handling is there');
is(1 + 1, 3, 'one and one');
like('text', qr/^x/, 'begins with an x');
ok(0);
TODO: { local $TODO = 'later'; ok(0, 'not done'); }
subtest 'several' => sub { plan tests => 2; ok(1, 'first'); is_deeply([1, 2], [1, 3], 'second'); };
