# Plots medians.csv: gnuplot -e "folder='OUT'" plot.gp
set datafile separator ','
set datafile commentschars '#'
set datafile missing NaN # so that the points of a subject are joined over the rows of others
set terminal svg size 900,560 dynamic background rgb 'white'
set grid
set key outside right
file = folder.'/medians.csv'
names = "holdfast-lmdb holdfast-sqlite holdfast-inline journal lmdb lmdb-10000 sqlite sqlite-1000 sqlite-10000 postgresql redis"
pick(which, subject, value) = (strcol(1)[1:strlen(which)] eq which && strcol(7) eq subject) ? value : NaN

set logscale xy
set format xy '%.0s %c'
set xlabel 'in flight'
do for [which in "checkout two-phase"] {
    set output folder.'/'.which.'.svg'
    set title which.': orders a second (durable)'
    plot for [s in names] file using 4:(pick(which.'-', s, $10)) with linespoints title s
    set output folder.'/'.which.'-p99.svg'
    set title which.': p99 latency, us'
    plot for [s in names] file using 4:(pick(which.'-', s, $12)) with linespoints title s
}
set output folder.'/growth.svg'
set title 'orders a second as a store grows'
set xlabel 'orders in the store'
plot for [s in names] file using 9:($9 > 0 ? pick('growth', s, $10) : NaN) with linespoints title s
