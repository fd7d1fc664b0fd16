#!/usr/bin/env perl
# Does a draw re-derive?   rct log NAME --json | perl rederive.pl trials/NAME/out
use strict;
use warnings;
use Digest::SHA qw(sha256_hex);
use Encode qw(encode_utf8);
use JSON::PP;

sub stop { print STDERR @_; exit 1 }
sub slurp { my ($file) = @_; local $/; open my $in, '<:raw', $file or stop("$file: $!\n"); return <$in> }

sub rows {    # a CSV file as hashes; all text stays bytes
    my ($text) = @_;
    my (@all, @row);
    while ($text =~ /\G(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|\z)/g) {
        my ($cell, $end) = (defined $1 ? $1 =~ s/""/"/gr : $2, $3);
        push @row, $cell;
        next if $end eq ',';
        push @all, [@row] if @row > 1 or length $row[0];
        @row = ();
        last if $end eq '';
    }
    my @names = @{ shift @all };
    return map { my %cell; @cell{@names} = @$_; \%cell } @all;
}

sub modulo { my ($hex, $total) = @_; my $rest = 0; $rest = ($rest * 16 + hex $_) % $total for split //, $hex; $rest }

sub deal {    # member => arm, for one block
    my ($key, $kind, $label, $members, $arms, $share) = @_;
    my ($size, $total, %count, %arm) = (scalar @$members, 0);
    $total += $share->{$_} for @$arms;
    $count{$_} = int($size * $share->{$_} / $total) for @$arms;
    my $reached = modulo(sha256_hex("$key|block|$label"), $total);
    my %ticket = map { $_ => sha256_hex("$key|arm|$label|$_") } @$arms;
    for my $arm (sort { $ticket{$a} cmp $ticket{$b} } @$arms) {
        my $before = $reached;
        $reached += ($size * $share->{$arm}) % $total;
        $count{$arm} += int($reached / $total) - int($before / $total);
    }
    %ticket = map { $_ => sha256_hex("$key|$kind|$_") } @$members;
    my @queue = sort { $ticket{$a} cmp $ticket{$b} } @$members;
    for my $arm (@$arms) { $arm{ shift @queue } = $arm for 1 .. $count{$arm} }
    return %arm;
}

my $out = shift or stop("usage: rct log NAME --json | perl rederive.pl trials/NAME/out\n");
my $json = JSON::PP->new->utf8;
my $log = $json->decode(do { local $/; binmode STDIN; <STDIN> })->{events};
my ($lock) = map { $_->{body} } grep { $_->{kind} eq 'lock' } @$log;
my ($draw) = map { $_->{body} } grep { $_->{kind} eq 'draw' } @$log;
stop("this assignment was drawn elsewhere and replayed: there is nothing to derive it from\n") if $draw->{replay};
my ($plan) = grep { sha256_hex($_) eq $draw->{plan_hash} } map { slurp($_) } glob "\Q$out\E/plan*.json";
stop("no plan in this folder is the one that was drawn\n") unless defined $plan;
my $definition = $json->decode($plan)->{definition};
my @arms = map { encode_utf8($_) } @{ $definition->{order}{arms} };
my %share = map { encode_utf8($_) => $definition->{arms}{$_}{share} } @{ $definition->{order}{arms} };
my $kind = exists $definition->{design}{clusters} ? 'cluster' : 'unit';
my @rows = rows(slurp("$out/assignment.csv"));
my $frame = sha256_hex(join '', sort map { "$_->{unit}\t$_->{block}\t$_->{cluster}\n" } @rows);
my $key = sha256_hex(encode_utf8("rct.draw.1|$draw->{seed}|$draw->{plan_hash}|$frame|$draw->{beacon}"));
my (%blocks, %arm_of);
$blocks{ $_->{block} }{ $_->{$kind} } = 1 for @rows;
%arm_of = (%arm_of, deal($key, $kind, $_, [keys %{ $blocks{$_} }], \@arms, \%share)) for keys %blocks;
my %wrong = (
    seed    => sha256_hex(encode_utf8($draw->{seed})) ne $lock->{seed_commitment},
    frame   => $frame ne $draw->{frame_hash},
    key     => $key ne $draw->{key},
    tickets => scalar(grep { $_->{ticket} ne sha256_hex("$key|$kind|$_->{$kind}") } @rows),
    arms    => scalar(grep { $_->{arm} ne $arm_of{ $_->{$kind} } } @rows),
);
my @wrong = grep { $wrong{$_} } qw(seed frame key tickets arms);
stop('the draw does not re-derive: ' . join(', ', @wrong) . "\n") if @wrong;
print 'the draw of ' . @rows . " units re-derives: seed, frame, key, tickets, arms\n";
