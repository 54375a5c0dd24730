"""What can be proved of loops, made to run: statements beside the numbers that they promise.

`multistep`: one layer of linear attention is a step of gradient descent; looped, it is as many steps as it has loops.
`machine`: the construction of 2410.01405 as a network, for a function of `targets` and the table of `tables`;
`measures` says what it does, `moduli` what the theorem promises.
"""
