"""What can be proved of loops, made to run: statements beside the numbers that they promise.

`multistep`: one layer of linear attention is a step of gradient descent; looped, it is as many steps as it has loops.
"""
